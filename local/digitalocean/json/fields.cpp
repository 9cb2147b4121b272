#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/json/fields.hpp>
#include <utility>

namespace capstan::simulated_digitalocean {

Fields::Fields(json::ObjectPtr object, std::string where, std::shared_ptr<std::string> problem)
    : object_(std::move(object)), where_(std::move(where)), problem_(std::move(problem)) {}

std::optional<Fields> Fields::Parse(const std::string& body) {
  auto object = Trim(body).empty() ? Result<json::ObjectPtr>(json::MakeObject()) : json::ParseObject(body);
  if (!object || object->isNull()) return std::nullopt;
  return Fields(*object, "", std::make_shared<std::string>());
}

json::Tree Fields::Find(std::string_view name) const {
  for (const auto& [key, value] : *object_)
    if (EqualsIgnoreCase(key, name)) return value;
  return {};
}

void Fields::Wrong(std::string_view name, std::string_view wanted) const {
  if (problem_->empty()) *problem_ = StrCat(where_, name, " must be ", wanted);
}

bool Fields::Present(std::string_view name) const {
  for (const auto& entry : *object_)
    if (EqualsIgnoreCase(entry.first, name)) return true;
  return false;
}

bool Fields::Has(std::string_view name) const { return !json::IsNull(Find(name)); }

std::optional<std::string> Fields::String(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (value.isString()) return value.extract<std::string>();
  Wrong(name, "a string");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::Integer(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (value.isInteger() && !value.isBoolean()) {
    try {
      return value.convert<Poco::Int64>();
    } catch (const Poco::Exception&) {  // beyond int64
    }
  }
  Wrong(name, "an integer");
  return std::nullopt;
}

std::optional<double> Fields::Number(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (value.isNumeric() && !value.isBoolean()) return value.convert<double>();
  Wrong(name, "a number");
  return std::nullopt;
}

std::optional<bool> Fields::Boolean(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (value.isBoolean()) return value.extract<bool>();
  Wrong(name, "true or false");
  return std::nullopt;
}

std::optional<Fields> Fields::Object(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (json::ObjectPtr object = json::AsObject(value))
    return Fields(object, StrCat(where_, name, "."), problem_);
  Wrong(name, "an object");
  return std::nullopt;
}

std::optional<std::vector<Fields>> Fields::Objects(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  json::ArrayPtr array = json::AsArray(value);
  std::vector<Fields> objects;
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    json::ObjectPtr object = json::AsObject(array->get(static_cast<unsigned>(i)));
    if (!object) {
      array = nullptr;
      break;
    }
    objects.push_back(Fields(object, StrCat(where_, name, "[", i, "]."), problem_));
  }
  if (array) return objects;
  Wrong(name, "a list of objects");
  return std::nullopt;
}

std::optional<std::vector<std::string>> Fields::Strings(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  json::ArrayPtr array = json::AsArray(value);
  std::vector<std::string> strings;
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    const json::Tree item = array->get(static_cast<unsigned>(i));
    if (!item.isString()) {
      array = nullptr;
      break;
    }
    strings.push_back(item.extract<std::string>());
  }
  if (array) return strings;
  Wrong(name, "a list of strings");
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> Fields::StringMap(std::string_view name) const {
  const json::Tree value = Find(name);
  if (json::IsNull(value)) return std::nullopt;
  if (json::ObjectPtr object = json::AsObject(value)) {
    std::map<std::string, std::string> map;
    bool strings = true;
    for (const auto& [key, item] : *object) {
      strings = strings && item.isString();
      if (item.isString()) map[key] = item.extract<std::string>();
    }
    if (strings) return map;
  }
  Wrong(name, "an object of strings");
  return std::nullopt;
}

}  // namespace capstan::simulated_digitalocean
