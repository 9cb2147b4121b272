// The x-kubernetes-validations of a schema.
#include <capstan/local/apiserver/schema_node.hpp>

namespace capstan::apiserver {

void CompileRules(SchemaNode&, std::string_view, std::vector<FieldError>&) {}

void ValidateRules(const SchemaNode&, const json::Tree&, const json::Tree*, std::vector<FieldError>&) {}

}  // namespace capstan::apiserver
