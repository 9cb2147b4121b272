// Merge patch and JSON patch: results are JSON, a merge patch is idempotent, and a generated patch
// leads to its target.
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

bool HasNull(const json::Tree& tree) {
  if (json::IsNull(tree)) return true;
  if (const auto object = json::AsObject(tree)) {
    for (const auto& name : object->getNames()) {
      if (HasNull(object->get(name))) return true;
    }
  }
  if (const auto array = json::AsArray(tree)) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (HasNull(array->get(static_cast<unsigned>(i)))) return true;
    }
  }
  return false;
}

bool Same(const std::string& one, const std::string& two) {
  return json::Equal(std::string_view(one), std::string_view(two));
}

}  // namespace

void FuzzPatches(std::string_view bytes) {
  Input input(bytes);
  const std::string document = input.Piece(), patch = input.Piece();
  if (const auto merged = json::MergePatch(document, patch)) {
    CAPSTAN_MUST(json::ParseTree(*merged, 1024).has_value(), *merged);
    const auto twice = json::MergePatch(*merged, patch);
    CAPSTAN_MUST(twice && Same(*twice, *merged), *merged);
  }
  if (const auto patched = json::JsonPatch(document, patch))
    CAPSTAN_MUST(json::ParseTree(*patched, 1024).has_value(), *patched);
  if (const auto made = json::MakeMergePatch(document, patch)) {
    const auto goal = json::ParseTree(patch, 1024);
    if (goal && !HasNull(*goal)) {
      const auto reached = json::MergePatch(document, *made);
      CAPSTAN_MUST(reached && Same(*reached, patch), *made);
    }
  }
  if (const auto tree = json::ParseTree(document, 300)) {
    const std::string text = json::ToText(*tree);
    const auto back = json::ParseTree(text, 300);
    CAPSTAN_MUST(back.has_value(), text);
    CAPSTAN_MUST(json::Equal(*tree, *back) && json::ToText(*back) == text, text);
    CAPSTAN_MUST(json::Equal(json::Clone(*tree), *tree), text);
  }
}

}  // namespace capstan::fuzz
