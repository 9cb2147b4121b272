#include <capstan/local/apiserver/catalog/scale_paths.hpp>

#include <cstdint>
#include <limits>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

// Of a value's JSON, in the words of kube-apiserver.
const char* GoTypeOfText(const std::string& json) {
  if (json == "true" || json == "false") return "bool";
  if (json.front() == '[') return "[]interface {}";
  return json.front() == '{' ? "map[string]interface {}" : "float64";
}

void CheckNumber(const json::ObjectPtr& object, const std::string& path, std::vector<FieldError>& errors) {
  if (path.empty()) return;
  std::string last;
  const json::ObjectPtr parent = ScaleParent(object, path, last, false);
  if (!parent || !parent->has(last)) return;
  const auto number = json::IntegerIn(parent, last);
  if (!number) {
    const auto text = json::StringIn(parent, last);
    const bool null = parent->isNull(last);
    const std::string shown = text ? *text : null ? "<nil>" : json::ToText(parent->get(last));
    errors.push_back(InvalidField(path, 0,
                                  StrCat(path, " accessor error: ", shown, " is of the type ",
                                         text   ? "string"
                                         : null ? "<nil>"
                                                : GoTypeOfText(shown),
                                         ", expected int64")));
  } else if (*number < 0) {
    errors.push_back(InvalidField(path, *number, "should be a non-negative integer"));
  } else if (constexpr auto kMost = std::numeric_limits<std::int32_t>::max(); *number > kMost) {
    errors.push_back(InvalidField(path, *number, StrCat("should be less than or equal to ", kMost)));
  }
}

}  // namespace

json::ObjectPtr ScaleParent(json::ObjectPtr object, const std::string& path, std::string& last, bool make) {
  std::vector<std::string> steps = Split(path, '.');
  json::ObjectPtr at = object;
  for (std::size_t i = 1; at && i + 1 < steps.size(); ++i) {
    json::ObjectPtr next = json::ObjectIn(at, steps[i]);
    if (!next && make) {
      next = json::MakeObject();
      at->set(steps[i], next);
    }
    at = next;
  }
  last = steps.back();
  return at;
}

std::vector<FieldError> ValidateScale(const json::ObjectPtr& object, const ScalePaths& paths) {
  std::vector<FieldError> errors;
  CheckNumber(object, paths.spec_replicas, errors);
  CheckNumber(object, paths.status_replicas, errors);
  return errors;
}

}  // namespace capstan::apiserver
