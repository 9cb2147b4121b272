#include <capstan/core/operator/engine/rights.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan {

Error NamingTheRule(Error error, const kube::Kind& kind, const std::vector<std::string>& verbs,
                    const std::string& subresource) {
  if (error.code != Code::kPermissionDenied) return error;
  error.message +=
      StrCat("; grant the operator {apiGroups: [\"", kind.group, "\"], resources: [", kind.plural,
             subresource.empty() ? "" : "/" + subresource, "], verbs: [", Join(verbs, ", "), "]}");
  return error;
}

}  // namespace capstan
