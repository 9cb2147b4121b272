#include <capstan/apps/capstan/wiring/crd_documents.hpp>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/core/managed/crd.hpp>

namespace capstan::app {
namespace {

// Removes what servers before 1.25 do not know, and properties of nodes without a type: servers
// before 1.27 treat such a node as an object when they apply, and refuse the strings that it also
// allows.
void RemoveRules(const json::Tree& tree) {
  if (auto object = json::AsObject(tree)) {
    object->remove("x-kubernetes-validations");
    if (!object->has("type") &&
        json::BooleanIn(object, "x-kubernetes-preserve-unknown-fields").value_or(false))
      object->remove("properties");
    for (const std::string& name : object->getNames()) RemoveRules(object->get(name));
  } else if (const auto array = json::AsArray(tree)) {
    for (std::size_t i = 0; i < array->size(); ++i) RemoveRules(array->get(static_cast<unsigned>(i)));
  }
}

Result<json::ObjectPtr> Prepare(const std::string& crd, const external::Manifest& manifest, bool cel) {
  CAPSTAN_TRY(const std::string complete, managed::CompleteCrd(crd, manifest));
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(complete));
  if (json::StringIn(object, "kind") != "CustomResourceDefinition") {
    return Fail(Code::kInvalidArgument,
                "its manifest carries a document that is no CustomResourceDefinition");
  }
  if (!cel) RemoveRules(json::Tree(object));
  return object;
}

}  // namespace

Result<std::string> CrdAsYaml(const std::string& crd, const external::Manifest& manifest, bool cel) {
  CAPSTAN_TRY(const json::ObjectPtr object, Prepare(crd, manifest, cel));
  return json::ToYaml(json::Tree(object));
}

Result<std::string> CrdAsJson(const std::string& crd, const external::Manifest& manifest, bool cel) {
  CAPSTAN_TRY(const json::ObjectPtr object, Prepare(crd, manifest, cel));
  return json::ToText(object);
}

}  // namespace capstan::app
