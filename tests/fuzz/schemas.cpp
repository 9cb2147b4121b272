// Structural schemas and their effect on objects. Pruning is idempotent, and so are defaults.
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/node.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

using namespace apiserver;

void FuzzSchemas(std::string_view bytes) {
  Input input(bytes);
  const std::string text = input.Piece(), document = input.Piece();
  const auto schema = json::ParseObject(text, 100);
  if (!schema) return;
  const auto outcome = CompileSchema(*schema, "spec");
  (void)InvalidStatus("g", "K", "n", outcome.problems);
  if (!outcome.schema) {
    CAPSTAN_MUST(!outcome.problems.empty(), "refused without a reason");
    return;
  }
  const auto tree = json::ParseObject(document.empty() ? std::string("{}") : document, 100);
  if (!tree) return;
  const auto old = json::Clone(*tree);
  (void)outcome.schema->Validate(*tree, nullptr);
  (void)outcome.schema->Prune(*tree);
  const std::string pruned = json::ToText(*tree);
  CAPSTAN_MUST(outcome.schema->Prune(*tree).empty() && json::ToText(*tree) == pruned, pruned);
  outcome.schema->ApplyDefaults(*tree);
  const std::string once = json::ToText(*tree);
  outcome.schema->ApplyDefaults(*tree);
  CAPSTAN_MUST(json::ToText(*tree) == once, once);
  (void)outcome.schema->Validate(*tree, old);
  (void)outcome.schema->Validate(*tree, *tree);
}

}  // namespace capstan::fuzz
