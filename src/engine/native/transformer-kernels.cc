// Biases, gates, layer normalisation, GELU and gated GELU as operations of TensorFlow.
#include "operation.h"
#include "transformer.h"

namespace {

struct NormSettings {
  float epsilon, offset;
};

void* make_norm(TF_OpKernelConstruction* construction) {
  Status status;
  auto* settings = new NormSettings();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &settings->epsilon, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrFloat(construction, "offset", &settings->offset, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return settings;
}
void delete_norm(void* settings) { delete static_cast<NormSettings*>(settings); }

// scale [G, C], or [C] for one group of rows
bool fits(const Tensor& x, const Tensor& scale) {
  return x.rank() > 0 && x.last() > 0 && scale.size() > 0 && scale.size() % x.last() == 0 && x.size() % scale.size() == 0;
}
LayerNorm norm_of(const NormSettings& settings, const Tensor& x, const Tensor& scale) {
  return {{scale.size() / x.last(), x.size() / scale.size(), x.last()}, settings.epsilon, settings.offset};
}

// x [..., C] in G groups of R rows, scale and shift [G, C] → y as x, mean [G, R, 1], rstd [G, R, 1]
void run_norm(void* kernel, TF_OpKernelContext* context) {
  Status status;
  Tensor x(context, 0, status), scale(context, 1, status), shift(context, 2, status);
  if (refuse(context, !fits(x, scale) || shift.size() != scale.size(),
             "StillhouseLayerNorm: expected x [..., C] in groups of rows, and scale and shift [G, C]."))
    return;
  const LayerNorm norm = norm_of(*static_cast<NormSettings*>(kernel), x, scale);
  Tensor y(context, 0, shape_of(x), status), mean(context, 1, {norm.groups, norm.rows, 1}, status);
  Tensor rstd(context, 2, {norm.groups, norm.rows, 1}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  layer_norm(norm, x.data(), scale.data(), shift.data(), y.data(), mean.data(), rstd.data());
}

// dy and x [..., C], scale [G, C], mean and rstd [G, R, 1] → dx as x, dscale and dshift as scale
void run_norm_gradient(void* kernel, TF_OpKernelContext* context) {
  Status status;
  Tensor dy(context, 0, status), x(context, 1, status), scale(context, 2, status), mean(context, 3, status);
  Tensor rstd(context, 4, status);
  if (refuse(context,
             !fits(x, scale) || dy.size() != x.size() || mean.size() != x.size() / x.last() || rstd.size() != mean.size(),
             "StillhouseLayerNormGrad: expected dy and x [..., C], scale [G, C], mean and rstd [G, R, 1]."))
    return;
  const LayerNorm norm = norm_of(*static_cast<NormSettings*>(kernel), x, scale);
  Tensor dx(context, 0, shape_of(x), status), dscale(context, 1, shape_of(scale), status);
  Tensor dshift(context, 2, shape_of(scale), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  layer_norm_gradient(norm, dy.data(), x.data(), scale.data(), mean.data(), rstd.data(), dx.data(), dscale.data(),
                      dshift.data());
}

void* make_gelu(TF_OpKernelConstruction* construction) {
  Status status;
  TF_Bool approximate = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, "approximate", &approximate, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return new bool(approximate != 0);
}
void delete_gelu(void* approximate) { delete static_cast<bool*>(approximate); }

// Parts of a long row of values, for threads.
constexpr int64_t kValuesPerTask = 1 << 15;
template <typename Task>
void over_values(int64_t count, Task task) {
  Pool::instance().run((count + kValuesPerTask - 1) / kValuesPerTask, [&](int64_t i) {
    task(i * kValuesPerTask, std::min(kValuesPerTask, count - i * kValuesPerTask));
  });
}

void run_gelu(void* kernel, TF_OpKernelContext* context) {
  const bool approximate = *static_cast<bool*>(kernel);
  Status status;
  Tensor x(context, 0, status);
  Tensor y(context, 0, shape_of(x), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  over_values(x.size(), [&](int64_t at, int64_t count) { gelu(x.data() + at, count, approximate, y.data() + at); });
}

void run_gelu_gradient(void* kernel, TF_OpKernelContext* context) {
  const bool approximate = *static_cast<bool*>(kernel);
  Status status;
  Tensor dy(context, 0, status), x(context, 1, status);
  if (refuse(context, dy.size() != x.size(), "StillhouseGeluGrad: expected dy and x of one shape.")) return;
  Tensor dx(context, 0, shape_of(x), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  over_values(x.size(), [&](int64_t at, int64_t count) {
    gelu_back(dy.data() + at, x.data() + at, count, approximate, dx.data() + at);
  });
}

void* make_nothing(TF_OpKernelConstruction*) { return nullptr; }
void delete_nothing(void*) {}

// ---------------------------------------------------------------- biases and gates

// Rows of an item: R rows of a product become [R / rows, rows, C], or stay as they are for 0.
struct Items {
  int64_t rows;
  bool approximate;
};

void* make_items(TF_OpKernelConstruction* construction) {
  Status status;
  auto* items = new Items{0, false};
  TF_OpKernelConstruction_GetAttrInt64(construction, "rows", &items->rows, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return items;
}
void* make_gelu_items(TF_OpKernelConstruction* construction) {
  Status status;
  TF_Bool approximate = 0;
  auto* items = static_cast<Items*>(make_items(construction));
  TF_OpKernelConstruction_GetAttrBool(construction, "approximate", &approximate, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  items->approximate = approximate != 0;
  return items;
}
void delete_items(void* items) { delete static_cast<Items*>(items); }

bool has_bias(const Tensor& product, const Tensor& bias) {
  return product.rank() > 0 && product.last() > 0 && bias.size() == product.last();
}
Rows rows_of(const Tensor& x) { return {1, x.size() / x.last(), x.last()}; }
bool has_items(const Tensor& product, const Items& items) {
  return items.rows == 0 || (items.rows > 0 && rows_of(product).rows % items.rows == 0);
}
std::vector<int64_t> by_item(const Tensor& product, const Items& items) {
  if (items.rows == 0) return shape_of(product);
  const Rows all = rows_of(product);
  return {all.rows / items.rows, items.rows, all.channels};
}

// product [..., C], bias [C] → y [R / rows, rows, C], or as product. `pass(items, product, bias, rows, channels, y)` does some rows.
template <typename Pass>
void run_with_bias(void* kernel, TF_OpKernelContext* context, const char* message, Pass pass) {
  const auto& items = *static_cast<Items*>(kernel);
  Status status;
  Tensor product(context, 0, status), bias(context, 1, status);
  if (refuse(context, !has_bias(product, bias) || !has_items(product, items), message)) return;
  Tensor y(context, 0, by_item(product, items), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const Rows all = rows_of(product);
  over_rows(all, [&](int64_t, int64_t first, int64_t rows, int64_t) {
    const int64_t at = first * all.channels;
    pass(items, product.data() + at, bias.data(), rows, all.channels, y.data() + at);
  });
}

void run_bias(void* kernel, TF_OpKernelContext* context) {
  run_with_bias(kernel, context, "StillhouseAddBias: expected products [..., C], a bias [C], and a multiple of the rows.",
                [](const Items&, const float* product, const float* bias, int64_t rows, int64_t channels, float* y) {
                  add_bias(product, bias, rows, channels, y);
                });
}

// dy [..., C] → its sum over all but the last axis
void run_sum(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor dy(context, 0, status);
  if (refuse(context, dy.rank() == 0 || dy.last() == 0, "StillhouseSumRows: expected rows of at least one value.")) return;
  Tensor sums(context, 0, {dy.last()}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const Rows all = rows_of(dy);
  Shares shares(all);
  over_rows(all, [&](int64_t, int64_t first, int64_t rows, int64_t task) {
    add_rows(dy.data() + first * all.channels, rows, all.channels, shares.of(task));
  });
  shares.add_up(sums.data());
}

bool gates(const Tensor& gate, const Tensor& branch) {
  return branch.rank() == 3 && gate.rank() == 2 && gate.dim(0) == branch.dim(0) && gate.dim(1) == branch.dim(2);
}

// x [N, L, C], gate [N, C], branch [N, L, C] → y
void run_gated_add(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor x(context, 0, status), gate(context, 1, status), branch(context, 2, status);
  if (refuse(context, !gates(gate, branch) || x.size() != branch.size(),
             "StillhouseGatedAdd: expected x and branch [N, L, C], and gate [N, C]."))
    return;
  Tensor y(context, 0, shape_of(branch), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const Rows all{branch.dim(0), branch.dim(1), branch.dim(2)};
  over_rows(all, [&](int64_t item, int64_t first, int64_t rows, int64_t) {
    const int64_t at = (item * all.rows + first) * all.channels;
    gated_add(x.data() + at, gate.data() + item * all.channels, branch.data() + at, rows, all.channels, y.data() + at);
  });
}

// dy, gate, branch → dgate, dbranch
void run_gated_add_gradient(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor dy(context, 0, status), gate(context, 1, status), branch(context, 2, status);
  if (refuse(context, !gates(gate, branch) || dy.size() != branch.size(),
             "StillhouseGatedAddGrad: expected dy and branch [N, L, C], and gate [N, C]."))
    return;
  Tensor dgate(context, 0, shape_of(gate), status), dbranch(context, 1, shape_of(branch), status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const Rows all{branch.dim(0), branch.dim(1), branch.dim(2)};
  Shares shares(all);
  over_rows(all, [&](int64_t item, int64_t first, int64_t rows, int64_t task) {
    const int64_t at = (item * all.rows + first) * all.channels;
    gated_add_back(dy.data() + at, gate.data() + item * all.channels, branch.data() + at, rows, all.channels,
                   dbranch.data() + at, shares.of(task));
  });
  shares.add_up(dgate.data());
}

void run_bias_gelu(void* kernel, TF_OpKernelContext* context) {
  run_with_bias(kernel, context, "StillhouseBiasGelu: expected products [..., C], a bias [C], and a multiple of the rows.",
                [](const Items& items, const float* product, const float* bias, int64_t rows, int64_t channels, float* y) {
                  bias_gelu(product, bias, rows, channels, items.approximate, y);
                });
}

// dy and product [..., C], bias [C] → dproduct as product, dbias [C]
void run_bias_gelu_gradient(void* kernel, TF_OpKernelContext* context) {
  const bool approximate = *static_cast<bool*>(kernel);
  Status status;
  Tensor dy(context, 0, status), product(context, 1, status), bias(context, 2, status);
  if (refuse(context, !has_bias(product, bias) || dy.size() != product.size(),
             "StillhouseBiasGeluGrad: expected dy and products [..., C], and a bias [C]."))
    return;
  const Rows all = rows_of(product);
  Tensor dproduct(context, 0, shape_of(product), status), dbias(context, 1, {all.channels}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  Shares shares(all);
  over_rows(all, [&](int64_t, int64_t first, int64_t rows, int64_t task) {
    const int64_t at = first * all.channels;
    bias_gelu_back(dy.data() + at, product.data() + at, bias.data(), rows, all.channels, approximate,
                   dproduct.data() + at, shares.of(task));
  });
  shares.add_up(dbias.data());
}

// ---------------------------------------------------------------- gated GELU

// product [R, 2 H], bias [2 H] → y [R, H]
void run_gate(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor product(context, 0, status), bias(context, 1, status);
  if (refuse(context, product.rank() != 2 || product.dim(1) % 2 || bias.size() != product.dim(1),
             "StillhouseGatedGelu: expected products [R, 2 H] and a bias [2 H]."))
    return;
  const int64_t rows = product.dim(0), hidden = product.dim(1) / 2;
  Tensor y(context, 0, {rows, hidden}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  Pool::instance().run((rows + kRowsPerTask - 1) / kRowsPerTask, [&](int64_t task) {
    const int64_t first = task * kRowsPerTask, count = std::min(kRowsPerTask, rows - first);
    gated_gelu(product.data() + first * 2 * hidden, bias.data(), count, hidden, y.data() + first * hidden);
  });
}

// dy [R, H], product [R, 2 H], bias [2 H] → dproduct
void run_gate_gradient(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor dy(context, 0, status), product(context, 1, status), bias(context, 2, status);
  if (refuse(context,
             product.rank() != 2 || product.dim(1) % 2 || bias.size() != product.dim(1) || 2 * dy.size() != product.size(),
             "StillhouseGatedGeluGrad: expected dy [R, H], products [R, 2 H] and a bias [2 H]."))
    return;
  const int64_t rows = product.dim(0), hidden = product.dim(1) / 2;
  Tensor dproduct(context, 0, {rows, 2 * hidden}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  Pool::instance().run((rows + kRowsPerTask - 1) / kRowsPerTask, [&](int64_t task) {
    const int64_t first = task * kRowsPerTask, count = std::min(kRowsPerTask, rows - first), at = first * 2 * hidden;
    gated_gelu_back(dy.data() + first * hidden, product.data() + at, bias.data(), count, hidden, dproduct.data() + at);
  });
}

const bool registered = [] {
  const std::vector<const char*> settings{"epsilon: float", "offset: float"};
  define("StillhouseLayerNorm", {"x: float", "scale: float", "shift: float"}, {"y: float", "mean: float", "rstd: float"},
         settings, make_norm, reporting<run_norm>, delete_norm);
  define("StillhouseLayerNormGrad", {"dy: float", "x: float", "scale: float", "mean: float", "rstd: float"},
         {"dx: float", "dscale: float", "dshift: float"}, settings, make_norm, reporting<run_norm_gradient>, delete_norm);
  define("StillhouseGelu", {"x: float"}, {"y: float"}, {"approximate: bool"}, make_gelu, reporting<run_gelu>, delete_gelu);
  define("StillhouseGeluGrad", {"dy: float", "x: float"}, {"dx: float"}, {"approximate: bool"}, make_gelu,
         reporting<run_gelu_gradient>, delete_gelu);
  define("StillhouseGatedGelu", {"product: float", "bias: float"}, {"y: float"}, {}, make_nothing, reporting<run_gate>,
         delete_nothing);
  define("StillhouseGatedGeluGrad", {"dy: float", "product: float", "bias: float"}, {"dproduct: float"}, {},
         make_nothing, reporting<run_gate_gradient>, delete_nothing);
  define("StillhouseAddBias", {"product: float", "bias: float"}, {"y: float"}, {"rows: int"}, make_items,
         reporting<run_bias>, delete_items);
  define("StillhouseSumRows", {"dy: float"}, {"sums: float"}, {}, make_nothing, reporting<run_sum>, delete_nothing);
  define("StillhouseGatedAdd", {"x: float", "gate: float", "branch: float"}, {"y: float"}, {}, make_nothing,
         reporting<run_gated_add>, delete_nothing);
  define("StillhouseGatedAddGrad", {"dy: float", "gate: float", "branch: float"}, {"dgate: float", "dbranch: float"}, {},
         make_nothing, reporting<run_gated_add_gradient>, delete_nothing);
  define("StillhouseBiasGelu", {"product: float", "bias: float"}, {"y: float"}, {"rows: int", "approximate: bool"},
         make_gelu_items, reporting<run_bias_gelu>, delete_items);
  define("StillhouseBiasGeluGrad", {"dy: float", "product: float", "bias: float"}, {"dproduct: float", "dbias: float"},
         {"approximate: bool"}, make_gelu, reporting<run_bias_gelu_gradient>, delete_gelu);
  return true;
}();

}  // namespace
