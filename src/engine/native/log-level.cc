// Sets the level of TensorFlow's log before TensorFlow logs anything. It reads TF_CPP_MIN_LOG_LEVEL itself, but its first
// message (oneDNN's) comes from an initialiser that runs before that. So this is a library of its own, linked with
// `-z initfirst`: its initialiser runs before those of every library that is loaded with it.
#include <cstdlib>

#if __has_include("absl/log/globals.h")
#include "absl/log/globals.h"

namespace absl {
ABSL_NAMESPACE_BEGIN
// Weak: a TensorFlow that does not export it keeps its messages.
__attribute__((weak)) void SetMinLogLevel(absl::LogSeverityAtLeast severity);
ABSL_NAMESPACE_END
}  // namespace absl

namespace {

__attribute__((constructor)) void set_level() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || absl::SetMinLogLevel == nullptr) return;
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));  // 0: everything, 2: errors
}

}  // namespace
#endif
