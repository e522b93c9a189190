// Attention and its gradients as operations of TensorFlow.
#include "attention-gradient.h"
#include "attention-tiles.h"
#include "operation.h"

namespace {

void* make_attention(TF_OpKernelConstruction* construction) {
  Status status;
  auto* attention = new Attention();
  TF_Bool causal = 0, rounded = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "heads", &attention->heads, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrFloat(construction, "scale", &attention->scale, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrBool(construction, "causal", &causal, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrBool(construction, "rounded", &rounded, status);
  attention->causal = causal != 0;
  attention->rounded = rounded != 0;
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return attention;
}
void delete_attention(void* kernel) { delete static_cast<Attention*>(kernel); }

bool fits(const Attention& how, const Tensor& q, const Tensor& k, const Tensor& v) {
  return q.rank() == 3 && k.rank() == 3 && v.rank() == 3 && how.heads > 0 && q.dim(2) % how.heads == 0 &&
         v.dim(2) % how.heads == 0 && k.dim(2) == q.dim(2) && k.dim(1) == v.dim(1) && k.dim(1) > 0 &&
         k.dim(0) == v.dim(0) && (k.dim(0) == 1 || k.dim(0) == q.dim(0));
}
AttentionShape shape_of(const Attention& how, const Tensor& q, const Tensor& k, const Tensor& v) {
  return {q.dim(0), q.dim(1), k.dim(1), how.heads, q.dim(2) / how.heads, v.dim(2) / how.heads, k.dim(0)};
}

// q [B, L, H D], k [B or 1, S, H D], v [B or 1, S, H E] → y [B, L, H E], logsums [B, H, L]
void run_attention(void* kernel, TF_OpKernelContext* context) {
  const auto& how = *static_cast<Attention*>(kernel);
  Status status;
  Tensor q(context, 0, status), k(context, 1, status), v(context, 2, status);
  if (refuse(context, !fits(how, q, k, v),
             "StillhouseAttention: expected q [B, L, H D], k [B or 1, S, H D] and v [B or 1, S, H E] of H heads."))
    return;
  const AttentionShape shape = shape_of(how, q, k, v);
  Tensor y(context, 0, {shape.batch, shape.queries, v.dim(2)}, status);
  Tensor logsums(context, 1, {shape.batch, shape.heads, shape.queries}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const auto attend = how.rounded && has_tiles() ? attend_all_tiled : attend_all;
  attend(how, shape, q.data(), k.data(), v.data(), y.data(), logsums.data());
}

// dy and y [B, L, H E], q [B, L, H D], k [B, S, H D], v [B, S, H E], logsums [B, H, L] → dq, dk, dv
void run_attention_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& how = *static_cast<Attention*>(kernel);
  Status status;
  Tensor dy(context, 0, status), q(context, 1, status), k(context, 2, status), v(context, 3, status);
  Tensor y(context, 4, status), logsums(context, 5, status);
  if (refuse(context,
             !fits(how, q, k, v) || k.dim(0) != q.dim(0) || y.rank() != 3 || y.size() != q.dim(0) * q.dim(1) * v.dim(2) ||
                 dy.size() != y.size() || logsums.size() != q.dim(0) * q.dim(1) * how.heads,
             "StillhouseAttentionGrad: expected dy and y [B, L, H E], q [B, L, H D], k [B, S, H D], v [B, S, H E] and "
             "logsums [B, H, L]."))
    return;
  const AttentionShape shape = shape_of(how, q, k, v);
  Tensor dq(context, 0, {q.dim(0), q.dim(1), q.dim(2)}, status), dk(context, 1, {k.dim(0), k.dim(1), k.dim(2)}, status);
  Tensor dv(context, 2, {v.dim(0), v.dim(1), v.dim(2)}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  attend_all_back(how, shape, {q.data(), k.data(), v.data(), y.data(), dy.data(), logsums.data(), dq.data(), dk.data(), dv.data()});
}

const bool registered = [] {
  const std::vector<const char*> attributes{"heads: int", "scale: float", "causal: bool", "rounded: bool"};
  define("StillhouseAttention", {"q: float", "k: float", "v: float"}, {"y: float", "logsums: float"}, attributes,
         make_attention, reporting<run_attention>, delete_attention);
  define("StillhouseAttentionGrad",
         {"dy: float", "q: float", "k: float", "v: float", "y: float", "logsums: float"},
         {"dq: float", "dk: float", "dv: float"}, attributes, make_attention,
         reporting<run_attention_gradient>, delete_attention);
  return true;
}();

}  // namespace
