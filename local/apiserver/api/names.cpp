#include <capstan/local/apiserver/api/names.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kDns1035Rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";

}  // namespace

std::string CheckDns1035Label(std::string_view name) {
  if (name.size() > 63) return "must be no more than 63 characters";
  const bool fits = !name.empty() && name.front() >= 'a' && name.front() <= 'z' && IsDnsLabel(name);
  return fits ? std::string() : std::string(kDns1035Rule);
}

void CheckLabels(const json::ObjectPtr& labels, const std::string& path, std::vector<FieldError>& errors) {
  if (!labels) return;
  for (const auto& [key, value] : *labels) {
    if (std::string why = CheckQualifiedName(key); !why.empty())
      errors.push_back(InvalidField(path, key, why));
    const std::string text = json::TextIn(labels, key);
    if (std::string why = CheckLabelValue(text); !why.empty())
      errors.push_back(InvalidField(path, text, why));
  }
}

}  // namespace capstan::apiserver
