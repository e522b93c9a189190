// What an operation of ours needs of TensorFlow's C interface: its tensors, its errors, and its registration.
#pragma once

#include <cstdint>
#include <new>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

// An input or output of a running operation; freed with it.
class Tensor {
 public:
  Tensor(TF_OpKernelContext* context, int index, TF_Status* status) { TF_GetInput(context, index, &tensor_, status); }
  // Nothing where the one before failed: this allocation's success would hide it.
  Tensor(TF_OpKernelContext* context, int index, std::vector<int64_t> shape, TF_Status* status) {
    if (TF_GetCode(status) != TF_OK) return;
    size_t bytes = sizeof(float);
    for (int64_t extent : shape) bytes *= static_cast<size_t>(extent);
    tensor_ = TF_AllocateOutput(context, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes, status);
  }
  ~Tensor() {
    if (tensor_) TF_DeleteTensor(tensor_);
  }
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;

  float* data() const { return static_cast<float*>(TF_TensorData(tensor_)); }
  int rank() const { return TF_NumDims(tensor_); }
  int64_t dim(int axis) const { return TF_Dim(tensor_, axis); }
  int64_t last() const { return rank() ? dim(rank() - 1) : 1; }
  int64_t size() const { return TF_TensorElementCount(tensor_); }

 private:
  TF_Tensor* tensor_ = nullptr;
};

inline std::vector<int64_t> shape_of(const Tensor& x) {
  std::vector<int64_t> shape;
  for (int axis = 0; axis < x.rank(); axis++) shape.push_back(x.dim(axis));
  return shape;
}

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
  operator TF_Status*() const { return status; }
  bool ok() const { return TF_GetCode(status) == TF_OK; }
};

// The operations check shapes before they call; this is the last line before memory.
bool refuse(TF_OpKernelContext* context, bool wrong, const char* message) {
  if (!wrong) return false;
  Status status;
  TF_SetStatus(status, TF_INVALID_ARGUMENT, message);
  TF_OpKernelContext_Failure(context, status);
  return true;
}

void any_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

using Run = void (*)(void*, TF_OpKernelContext*);

// An operation that reports what it couldn't allocate: TensorFlow lets no exception through.
template <Run run>
void reporting(void* kernel, TF_OpKernelContext* context) {
  try {
    run(kernel, context);
  } catch (const std::bad_alloc&) {
    Status status;
    TF_SetStatus(status, TF_RESOURCE_EXHAUSTED,
                 "Expected memory for an operation's intermediate values, found too little. Compute on fewer at a time.");
    TF_OpKernelContext_Failure(context, status);
  }
}

using Make = void* (*)(TF_OpKernelConstruction*);
using Delete = void (*)(void*);

void define(const char* name, std::vector<const char*> inputs, std::vector<const char*> outputs,
            std::vector<const char*> attributes, Make make, Run run, Delete remove) {
  Status status;
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(operation, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(operation, output);
  for (const char* attr : attributes) TF_OpDefinitionBuilderAddAttr(operation, attr);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(operation, &any_shape);
  TF_RegisterOpDefinition(operation, status);
  if (!status.ok()) return;  // the engine then finds no such operation and uses TensorFlow's own
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", make, run, remove), status);
}

}  // namespace
