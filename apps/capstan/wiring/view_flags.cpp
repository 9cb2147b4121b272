#include <capstan/apps/capstan/wiring/view_flags.hpp>

#include <gflags/gflags.h>

#include <capstan/core/base/text.hpp>

DEFINE_string(
    namespace, "",
    "namespace of the object, also -n (default: what the file says, else that of the kubeconfig context)");

namespace capstan::app {

const char kViewFlags[] = __FILE__;

std::string WantedNamespace() { return FLAGS_namespace; }

Status CheckViewFlags() {
  CAPSTAN_RETURN_IF_ERROR(CheckOutputFlag());
  if (!FLAGS_namespace.empty() && !IsDnsLabel(FLAGS_namespace))
    return Fail(Code::kInvalidArgument,
                "--namespace: \"" + Shorten(FLAGS_namespace, 100) + "\" cannot be the name of a namespace");
  return {};
}

}  // namespace capstan::app
