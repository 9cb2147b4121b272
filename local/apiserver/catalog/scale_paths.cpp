#include <capstan/local/apiserver/catalog/scale_paths.hpp>

#include <cstdint>
#include <limits>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/go_text.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

FieldError AccessorError(const std::string& path, std::string_view reached, const json::Tree& value,
                         std::string_view expected) {
  return InvalidField(path, 0,
                      StrCat(reached, " accessor error: ", GoText(value), " is of the type ",
                             GoTypeName(value), ", expected ", expected));
}

void CheckNumber(const json::ObjectPtr& object, const std::string& path, std::vector<FieldError>& errors) {
  if (path.empty()) return;
  json::Tree at = object;
  std::string reached;
  const std::vector<std::string> steps = Split(path, '.');
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (json::IsNull(at)) return;
    reached += "." + steps[i];
    const json::ObjectPtr parent = json::AsObject(at);
    if (!parent) {
      errors.push_back(AccessorError(path, reached, at, "map[string]interface{}"));
      return;
    }
    if (!parent->has(steps[i])) return;
    at = parent->get(steps[i]);
  }
  if (KindOf(at) != ValueKind::kInteger) {
    errors.push_back(AccessorError(path, path, at, "int64"));
  } else if (const std::int64_t number = IntegerOf(at); number < 0) {
    errors.push_back(InvalidField(path, number, "should be a non-negative integer"));
  } else if (constexpr auto kMost = std::numeric_limits<std::int32_t>::max(); number > kMost) {
    errors.push_back(InvalidField(path, number, StrCat("should be less than or equal to ", kMost)));
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
