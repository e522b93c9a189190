// Convolutions and dense layers on sixteen-bit floats, where the processor has tiles for them; elsewhere the operations aren't
// registered, and the engine rounds what it gives to TensorFlow's own.
#include "convolution.h"
#include "operation.h"

namespace {

struct Geometry {
  int64_t stride, top, left;
  int64_t height, width;  // of the output, of the gradient's image or of the kernel: what the inputs don't say
};

void* make(TF_OpKernelConstruction* construction) {
  Status status;
  auto* geometry = new Geometry();
  const std::pair<const char*, int64_t*> attributes[] = {{"stride", &geometry->stride},
                                                         {"top", &geometry->top},
                                                         {"left", &geometry->left},
                                                         {"height", &geometry->height},
                                                         {"width", &geometry->width}};
  for (const auto& [name, to] : attributes) {
    if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, name, to, status);
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return geometry;
}

// Sizes below zero would be memory without end; sizes and steps of zero are divided by.
bool is_wrong(const Geometry& how) { return how.stride < 1 || how.height < 1 || how.width < 1; }
bool has_pixels(const Tensor& x) { return x.rank() == 4 && x.dim(1) > 0 && x.dim(2) > 0; }
bool has_taps(const Tensor& kernel) { return kernel.rank() == 4 && kernel.dim(0) > 0 && kernel.dim(1) > 0; }

void remove(void* geometry) { delete static_cast<Geometry*>(geometry); }

// x [N, H, W, in], kernel [kh, kw, in, out], bias [out] or empty → y [N, height, width, out]
void run_convolution(void* kernel, TF_OpKernelContext* context) {
  const auto& how = *static_cast<Geometry*>(kernel);
  Status status;
  Tensor x(context, 0, status), w(context, 1, status), bias(context, 2, status);
  if (refuse(context,
             is_wrong(how) || !has_pixels(x) || !has_taps(w) || w.dim(2) != x.dim(3) ||
                 (bias.size() && bias.size() != w.dim(3)),
             "StillhouseConv2D: expected x [N, H, W, in], a kernel [kh, kw, in, out] and a bias [out] or none."))
    return;
  const Convolution c{x.dim(0), x.dim(1), x.dim(2), x.dim(3), w.dim(0), w.dim(1), w.dim(3), how.height, how.width,
                      how.stride, how.top, how.left};
  Tensor y(context, 0, {c.images, c.rows, c.columns, c.out}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  convolve(c, x.data(), w.data(), bias.size() ? bias.data() : nullptr, y.data(), {c.rows, c.columns});
}

// dy [N, H', W', out], kernel [kh, kw, in, out] → dx [N, height, width, in]
void run_input_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& how = *static_cast<Geometry*>(kernel);
  Status status;
  Tensor dy(context, 0, status), w(context, 1, status);
  if (refuse(context, is_wrong(how) || !has_pixels(dy) || !has_taps(w) || w.dim(3) != dy.dim(3),
             "StillhouseConv2DInputGrad: expected dy [N, H, W, out] and a kernel [kh, kw, in, out]."))
    return;
  const Convolution c{dy.dim(0), how.height, how.width, w.dim(2), w.dim(0), w.dim(1), w.dim(3), dy.dim(1), dy.dim(2),
                      how.stride, how.top, how.left};
  Tensor dx(context, 0, {c.images, c.height, c.width, c.in}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  input_gradient(c, dy.data(), w.data(), dx.data());
}

// x [N, H, W, in], dy [N, H', W', out] → dkernel [height, width, in, out]
void run_kernel_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& how = *static_cast<Geometry*>(kernel);
  Status status;
  Tensor x(context, 0, status), dy(context, 1, status);
  if (refuse(context, is_wrong(how) || !has_pixels(x) || !has_pixels(dy) || dy.dim(0) != x.dim(0),
             "StillhouseConv2DKernelGrad: expected x [N, H, W, in] and dy [N, H', W', out]."))
    return;
  const Convolution c{x.dim(0), x.dim(1), x.dim(2), x.dim(3), how.height, how.width, dy.dim(3), dy.dim(1), dy.dim(2),
                      how.stride, how.top, how.left};
  Tensor dw(context, 0, {c.kernel_height, c.kernel_width, c.in, c.out}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  kernel_gradient(c, x.data(), dy.data(), dw.data());
}

// A dense layer is a convolution of pictures of one pixel.
Convolution dense(int64_t rows, int64_t in, int64_t out) { return {rows, 1, 1, in, 1, 1, out, 1, 1, 1, 0, 0}; }
std::vector<int64_t> with_last(const Tensor& x, int64_t last) {
  std::vector<int64_t> shape = shape_of(x);
  shape.back() = last;
  return shape;
}

void* make_nothing(TF_OpKernelConstruction*) { return nullptr; }
void remove_nothing(void*) {}

// x [..., in], kernel [in, out], bias [out] or empty → y [..., out]
void run_dense(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor x(context, 0, status), w(context, 1, status), bias(context, 2, status);
  if (refuse(context, x.rank() < 1 || w.rank() != 2 || w.dim(0) != x.last() || (bias.size() && bias.size() != w.dim(1)),
             "StillhouseDense: expected x [..., in], a kernel [in, out] and a bias [out] or none."))
    return;
  const Convolution c = dense(x.size() / std::max<int64_t>(1, x.last()), x.last(), w.dim(1));
  Tensor y(context, 0, with_last(x, c.out), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  convolve(c, x.data(), w.data(), bias.size() ? bias.data() : nullptr, y.data(), {1, 1});
}

// dy [..., out], kernel [in, out] → dx [..., in]
void run_dense_input_gradient(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor dy(context, 0, status), w(context, 1, status);
  if (refuse(context, dy.rank() < 1 || w.rank() != 2 || w.dim(1) != dy.last(),
             "StillhouseDenseInputGrad: expected dy [..., out] and a kernel [in, out]."))
    return;
  const Convolution c = dense(dy.size() / std::max<int64_t>(1, dy.last()), w.dim(0), dy.last());
  Tensor dx(context, 0, with_last(dy, c.in), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  input_gradient(c, dy.data(), w.data(), dx.data());
}

// x [..., in], dy [..., out] → dkernel [in, out]
void run_dense_kernel_gradient(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor x(context, 0, status), dy(context, 1, status);
  const int64_t in = x.last(), out = dy.last();
  if (refuse(context, x.rank() < 1 || dy.rank() < 1 || x.size() * out != dy.size() * in,
             "StillhouseDenseKernelGrad: expected x [..., in] and dy [..., out]."))
    return;
  Tensor dw(context, 0, {in, out}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  kernel_gradient(dense(x.size() / std::max<int64_t>(1, in), in, out), x.data(), dy.data(), dw.data());
}

const bool registered = [] {
  if (!has_tiles()) return false;
  const std::vector<const char*> geometry{"stride: int", "top: int", "left: int", "height: int", "width: int"};
  define("StillhouseConv2D", {"x: float", "kernel: float", "bias: float"}, {"y: float"}, geometry, make,
         reporting<run_convolution>, remove);
  define("StillhouseConv2DInputGrad", {"dy: float", "kernel: float"}, {"dx: float"}, geometry, make,
         reporting<run_input_gradient>, remove);
  define("StillhouseConv2DKernelGrad", {"x: float", "dy: float"}, {"dkernel: float"}, geometry, make,
         reporting<run_kernel_gradient>, remove);
  define("StillhouseDense", {"x: float", "kernel: float", "bias: float"}, {"y: float"}, {}, make_nothing, reporting<run_dense>,
         remove_nothing);
  define("StillhouseDenseInputGrad", {"dy: float", "kernel: float"}, {"dx: float"}, {}, make_nothing,
         reporting<run_dense_input_gradient>, remove_nothing);
  define("StillhouseDenseKernelGrad", {"x: float", "dy: float"}, {"dkernel: float"}, {}, make_nothing,
         reporting<run_dense_kernel_gradient>, remove_nothing);
  return true;
}();

}  // namespace
