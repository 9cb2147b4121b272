#include <capstan/local/apiserver/custom_resource.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {
namespace {

json::ObjectPtr SchemaOf(std::string_view crd, std::string_view version) {
  const auto document = json::ParseObject(crd);
  if (!document) return nullptr;
  for (const json::ObjectPtr& entry : json::ObjectsIn(json::ObjectIn(*document, "spec"), "versions")) {
    if (json::StringIn(entry, "name") == version)
      return json::ObjectIn(json::ObjectIn(entry, "schema"), "openAPIV3Schema");
  }
  return nullptr;
}

}  // namespace

Result<std::string> AdmitCustomResource(std::string_view crd, std::string_view version,
                                        std::string_view object, std::string_view old) {
  const auto schema = SchemaOf(crd, version);
  const auto compiled = schema ? CompileSchema(schema, "schema") : CompileOutcome{};
  if (!compiled.schema) return std::string(object);
  CAPSTAN_TRY(const json::ObjectPtr tree, json::ParseObject(object));
  json::ObjectPtr old_tree;
  if (!old.empty()) {
    CAPSTAN_TRY(old_tree, json::ParseObject(old));
  }
  const auto unknown = compiled.schema->Prune(tree);
  if (!unknown.empty()) {
    return Fail(Code::kInvalidArgument,
                StrCat("unknown field ", unknown.front(), ": the API server would drop or refuse it"));
  }
  compiled.schema->ApplyDefaults(tree);
  const auto problems = compiled.schema->Validate(tree, old_tree);
  if (!problems.empty()) return Fail(Code::kInvalidArgument, ToText(problems));
  return json::ToText(tree);
}

}  // namespace capstan::apiserver
