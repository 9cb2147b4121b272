#include <capstan/local/apiserver/schema/embedded.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

std::string IdentityMismatch(const json::ObjectPtr& resource, const std::string& path) {
  for (const char* name : {"apiVersion", "kind"}) {
    const json::Tree* value = Find(*resource, name);
    if (!value || KindOf(*value) == ValueKind::kNull || KindOf(*value) == ValueKind::kString) continue;
    return StrCat(FieldPath(path, name), ": Invalid value: ", json::ToText(*value), ": must be a string");
  }
  const std::string why = MetaTypeMismatch(resource);
  if (why.empty()) return {};
  return StrCat(FieldPath(path, "metadata"), ": Invalid value: ", json::ToText(resource->get("metadata")),
                ": ", why);
}

std::string MismatchAt(const SchemaNode& node, const json::Tree& value, const std::string& path) {
  if (const json::ObjectPtr object = json::AsObject(value)) {
    if (node.embedded_resource) {
      if (std::string why = IdentityMismatch(object, path); !why.empty()) return why;
    }
    for (const auto& [name, item] : *object) {
      const auto found = node.properties.find(name);
      const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
      if (!child) continue;
      if (std::string why = MismatchAt(*child, item, FieldPath(path, name)); !why.empty()) return why;
    }
    return {};
  }
  const auto* array = ArrayOf(value);
  if (!array || !node.items) return {};
  std::size_t index = 0;
  for (const auto& item : *array) {
    std::string why = MismatchAt(*node.items, item, StrCat(path, "[", index++, "]"));
    if (!why.empty()) return why;
  }
  return {};
}

}  // namespace

std::string EmbeddedMismatch(const CompiledSchema& schema, const json::ObjectPtr& object) {
  return MismatchAt(schema.root(), object, "");
}

}  // namespace capstan::apiserver
