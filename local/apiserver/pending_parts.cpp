// Stands in, weakly, for parts of this folder that are being written: until they land, objects go without managedFields. To be deleted with the last of them.
#include <capstan/local/apiserver/apply_fields.hpp>
#include <capstan/local/apiserver/cel_program.hpp>

#define CAPSTAN_WEAK __attribute__((weak))

namespace capstan::apiserver {

CAPSTAN_WEAK void TrackUpdate(const json::ObjectPtr&, const json::ObjectPtr&, const CompiledSchema*, const FieldWriter&) {}
CAPSTAN_WEAK Result<ApplyOutcome> Apply(const json::ObjectPtr&, const json::ObjectPtr&, const CompiledSchema*,
                                        const FieldWriter&, bool) {
  return Fail(Code::kUnimplemented, "server-side apply is not there yet");
}
CAPSTAN_WEAK json::ObjectPtr ConflictStatus(const std::vector<ApplyConflict>&) { return json::MakeObject(); }
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
