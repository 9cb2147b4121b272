// Strategic merge patch and server-side apply: they do not modify their arguments, are
// deterministic, and an apply repeated by its own manager is never a conflict.
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/merge/apply_fields.hpp>
#include <capstan/local/apiserver/merge/strategic_merge.hpp>
#include <capstan/local/apiserver/schema/builtin.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace apiserver;

const CompiledSchema* SchemaOf(unsigned number) {
  static const auto all = BuiltinSchemas::Make();
  switch (number & 3) {
    case 0:
      return all->Find("", "v1", "ConfigMap");
    case 1:
      return all->Find("apps", "v1", "Deployment");
    case 2:
      return all->Find("", "v1", "Service");
    default:
      return all->Find("", "v1", "Secret");
  }
}

}  // namespace

void FuzzMerges(std::string_view bytes) {
  Input input(bytes);
  const unsigned mode = input.Byte();
  const auto live = json::ParseObject(input.Piece(), 100), wanted = json::ParseObject(input.Piece(), 100);
  const CompiledSchema* schema = SchemaOf(mode);
  if (!live || !wanted || schema == nullptr) return;
  const std::string before = json::ToText(*live) + json::ToText(*wanted);
  const auto merged = StrategicMergePatch(*live, *wanted, *schema);
  CAPSTAN_MUST(json::ToText(*live) + json::ToText(*wanted) == before, before);
  if (merged) {
    const auto again = StrategicMergePatch(*live, *wanted, *schema);
    CAPSTAN_MUST(again && json::ToText(*merged) == json::ToText(*again), before);
  }
  FieldWriter writer{"m", "v1", "", "2026-01-01T00:00:00Z", true};
  const CompiledSchema* used = (mode & 4) != 0 ? nullptr : schema;
  for (const bool force : {false, true}) {
    const auto applied = Apply(json::Clone(*live), json::Clone(*wanted), used, writer, force);
    if (applied && applied->object) {
      const auto again = Apply(json::Clone(applied->object), json::Clone(*wanted), used, writer, force);
      CAPSTAN_MUST(again.has_value(), before);
    } else if (applied) {
      (void)ConflictStatus(applied->conflicts);
    }
  }
  const auto fresh = json::Clone(*wanted);
  writer.manager = "k";
  TrackUpdate(json::Clone(*live), fresh, schema, writer);
  (void)json::ToText(fresh);
}

}  // namespace capstan::fuzz
