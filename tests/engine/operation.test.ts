import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tfjs } from '../../src/setup/paths.mjs';
import { runProgram, whyNotCompiled } from './native-program';

const headers = join(tfjs, 'deps', 'lib', 'include');
const why = whyNotCompiled || (existsSync(headers) ? '' : " (skipped: the set-up fetched no headers of TensorFlow's)");

/** A TensorFlow whose first allocation fails. */
const program = `
#include "operation.h"
#include <cstdio>

TF_Code& code_of(const TF_Status* status) { return *reinterpret_cast<TF_Code*>(const_cast<TF_Status*>(status)); }
TF_Status* TF_NewStatus() { return reinterpret_cast<TF_Status*>(new TF_Code(TF_OK)); }
void TF_DeleteStatus(TF_Status* status) { delete &code_of(status); }
void TF_SetStatus(TF_Status* status, TF_Code code, const char*) { code_of(status) = code; }
TF_Code TF_GetCode(const TF_Status* status) { return code_of(status); }
void TF_DeleteTensor(TF_Tensor*) {}
int allocations = 0;
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int, TF_DataType, const int64_t*, int, size_t, TF_Status* status) {
  code_of(status) = allocations++ ? TF_OK : TF_RESOURCE_EXHAUSTED;
  return nullptr;
}
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status* status) { std::printf("failed with %d\\n", code_of(status)); }

void allocate(void*, TF_OpKernelContext* context) {
  Status status;
  Tensor first(context, 0, {2}, status), second(context, 1, {2}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  std::printf("went on without memory\\n");
}
void run_out_of_memory(void*, TF_OpKernelContext*) { throw std::bad_alloc(); }

int main() {
  reporting<allocate>(nullptr, nullptr);
  reporting<run_out_of_memory>(nullptr, nullptr);
}`;

it.skipIf(why !== '')(`an operation without memory for an output, or for what lies between, fails${why}`, () => {
  const exhausted = 'failed with 8\n'; // TF_RESOURCE_EXHAUSTED
  expect(runProgram(program, [headers])).toBe(exhausted + exhausted);
});
