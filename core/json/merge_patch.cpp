// Applies and creates merge patches (RFC 7386) on trees.
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/tree_patch.hpp>

namespace capstan::json {
namespace {

Result<Tree> ParseSide(std::string_view text, std::string_view side) {
  auto tree = ParseTree(text);
  if (!tree) return Annotate(std::move(tree).error(), side);
  return tree;
}

Result<ObjectPtr> ParseObjectSide(std::string_view text, std::string_view side) {
  auto object = ParseObject(text);
  if (!object) return Annotate(std::move(object).error(), side);
  return object;
}

// Merge patches cannot express null as a value: in `to` it counts as absent.
ObjectPtr Difference(const ObjectPtr& from, const ObjectPtr& to) {
  ObjectPtr patch = MakeObject(from->size() + to->size());
  for (const auto& name : from->getNames()) {
    const bool emptied = IsNull(to->get(name)) && !IsNull(from->get(name));
    if (emptied || !to->has(name)) patch->set(name, Tree());
  }
  for (const auto& name : to->getNames()) {
    const Tree wanted = to->get(name);
    if (IsNull(wanted)) continue;
    const Tree present = from->get(name);
    const ObjectPtr wanted_object = AsObject(wanted), present_object = AsObject(present);
    if (wanted_object && present_object) {
      ObjectPtr inner = Difference(present_object, wanted_object);
      if (inner->size() > 0) patch->set(name, inner);
    } else if (!Equal(wanted, present)) {
      patch->set(name, wanted);
    }
  }
  return patch;
}

}  // namespace

// The function MergePatch of RFC 7386, section 2.
Tree MergePatchOf(const Tree& target, const Tree& patch) {
  const ObjectPtr changes = AsObject(patch);
  if (!changes) return patch;
  ObjectPtr result = AsObject(target);
  result = result ? WithRoomFor(result, changes->size()) : MakeObject(changes->size());
  for (const auto& name : changes->getNames()) {
    const Tree value = changes->get(name);
    if (IsNull(value)) {
      result->remove(name);
    } else {
      result->set(name, MergePatchOf(result->get(name), value));
    }
  }
  return result;
}

Result<std::string> MergePatch(std::string_view document, std::string_view patch) {
  CAPSTAN_TRY(const Tree target, ParseSide(document, "the document to patch"));
  CAPSTAN_TRY(const Tree changes, ParseSide(patch, "the merge patch"));
  return ToText(MergePatchOf(target, changes));
}

Result<std::string> MakeMergePatch(std::string_view from, std::string_view to) {
  CAPSTAN_TRY(const ObjectPtr before, ParseObjectSide(from, "the document before"));
  CAPSTAN_TRY(const ObjectPtr after, ParseObjectSide(to, "the document after"));
  return ToText(Difference(before, after));
}

bool Equal(std::string_view a, std::string_view b) {
  const auto left = ParseTree(a), right = ParseTree(b);
  return left && right && Equal(*left, *right);
}

}  // namespace capstan::json
