// Stands in, weakly, for parts of this folder that are being written: until they land, objects go without managedFields,
// tables show names, patches of lists replace them. To be deleted with the last of them.
#include <capstan/local/apiserver/apply_fields.hpp>
#include <capstan/local/apiserver/cel_program.hpp>
#include <capstan/local/apiserver/openapi_documents.hpp>
#include <capstan/local/apiserver/strategic_merge.hpp>
#include <capstan/local/apiserver/table_printer.hpp>

#define CAPSTAN_WEAK __attribute__((weak))

namespace capstan::apiserver {

CAPSTAN_WEAK void TrackUpdate(const json::ObjectPtr&, const json::ObjectPtr&, const CompiledSchema*, const FieldWriter&) {}
CAPSTAN_WEAK Result<ApplyOutcome> Apply(const json::ObjectPtr&, const json::ObjectPtr&, const CompiledSchema*,
                                        const FieldWriter&, bool) {
  return Fail(Code::kUnimplemented, "server-side apply is not there yet");
}
CAPSTAN_WEAK json::ObjectPtr ConflictStatus(const std::vector<ApplyConflict>&) { return json::MakeObject(); }
CAPSTAN_WEAK Result<json::ObjectPtr> StrategicMergePatch(const json::ObjectPtr&, const json::ObjectPtr&,
                                                         const CompiledSchema&) {
  return Fail(Code::kUnimplemented, "strategic merge patches are not there yet");
}
CAPSTAN_WEAK std::string OpenApiV2Json(const std::vector<ServedResource>&, const BuiltinSchemas&) { return "{}"; }
CAPSTAN_WEAK std::string OpenApiV2Protobuf(const std::vector<ServedResource>&, const BuiltinSchemas&) { return {}; }
CAPSTAN_WEAK std::string OpenApiV3Index(const std::vector<ServedResource>&, const BuiltinSchemas&) { return "{}"; }
CAPSTAN_WEAK std::string OpenApiV3Json(const std::vector<ServedResource>&, const BuiltinSchemas&, std::string_view,
                                       std::string_view) {
  return {};
}
CAPSTAN_WEAK Result<IncludeObject> ParseIncludeObject(std::string_view) { return IncludeObject::kMetadata; }
CAPSTAN_WEAK json::ObjectPtr TablePrinter::Table(const std::vector<json::ObjectPtr>&, const json::ObjectPtr&,
                                                 IncludeObject, double, bool) const {
  return json::MakeObject();
}
namespace {
class NoTable final : public TablePrinter {
  json::ArrayPtr Columns() const override { return json::MakeArray(); }
  json::ArrayPtr Cells(const json::ObjectPtr&, double) const override { return json::MakeArray(); }
};
}  // namespace
CAPSTAN_WEAK std::unique_ptr<TablePrinter> MakeBuiltinTable(std::string_view, std::string_view) {
  return std::make_unique<NoTable>();
}
CAPSTAN_WEAK std::unique_ptr<TablePrinter> MakeCustomTable(const json::ArrayPtr&) { return std::make_unique<NoTable>(); }
CAPSTAN_WEAK std::vector<FieldError> CheckPrinterColumns(const json::ArrayPtr&, std::string_view) { return {}; }

namespace cel {
struct Expression {};
CAPSTAN_WEAK Result<std::shared_ptr<const Program>> Program::Compile(std::string_view, const SchemaNode&) {
  return Fail(Code::kInvalidArgument, "CEL rules are not there yet");
}
CAPSTAN_WEAK Result<bool> Program::EvaluateRule(const json::Tree&, const json::Tree*, std::int64_t&) const { return true; }
CAPSTAN_WEAK Result<std::string> Program::EvaluateMessage(const json::Tree&, const json::Tree*, std::int64_t&) const {
  return std::string();
}
}  // namespace cel

}  // namespace capstan::apiserver
