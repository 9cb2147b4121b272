// RFC 6902 on trees. Malformed input is kInvalidArgument; an operation that does not apply to the
// document is kConflict.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/pointer.hpp>
#include <capstan/core/json/tree_patch.hpp>

namespace capstan::json {
namespace {

// Bounds on how much a small patch can expand: each copy can double a document, and nesting adds
// up.
constexpr std::size_t kOperationLimit = 10000;              // like kube-apiserver's
constexpr std::size_t kCopiedLimit = std::size_t{3} << 20;  // like kube-apiserver's
constexpr int kPatchedDepth = 256;                          // like ParseTree's
// how often to poll `gone`: one operation may move a whole list
constexpr std::size_t kOperationsBetween = 16;

struct Operation {
  std::string op;
  std::string path_text;
  std::vector<std::string> path;
  std::vector<std::string> from;
  Tree value;
};

Failure Malformed(std::size_t index, std::string_view what) {
  return Fail(Code::kInvalidArgument, StrCat("operation ", index, " of the JSON patch ", what));
}

Result<std::vector<std::string>> PointerOf(const ObjectPtr& object, std::string_view member,
                                           std::size_t index) {
  const auto text = StringIn(object, member);
  if (!text) return Malformed(index, StrCat("has no string \"", member, "\""));
  auto tokens = ParsePointer(*text);
  if (!tokens) return Malformed(index, StrCat("has a bad \"", member, "\": ", tokens.error().message));
  return tokens;
}

Result<Operation> ParseOperation(const Tree& tree, std::size_t index) {
  const ObjectPtr object = AsObject(tree);
  if (!object) return Malformed(index, "is not an object");
  Operation operation;
  operation.op = StringIn(object, "op").value_or("");
  CAPSTAN_TRY(operation.path, PointerOf(object, "path", index));
  operation.path_text = *StringIn(object, "path");
  if (operation.op == "add" || operation.op == "replace" || operation.op == "test") {
    if (!object->has("value")) return Malformed(index, StrCat("(", operation.op, ") has no \"value\""));
    operation.value = object->get("value");
  } else if (operation.op == "move" || operation.op == "copy") {
    CAPSTAN_TRY(operation.from, PointerOf(object, "from", index));
  } else if (operation.op != "remove") {
    return Malformed(index, StrCat("has the unknown op \"", Shorten(operation.op, 40), "\""));
  }
  return operation;
}

// Whether `a` equals `b` or contains it.
bool Encloses(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

struct Extent {
  std::size_t bytes = 0;
  int depth = 0;
};
void Measure(const Tree& tree, int depth, Extent& extent) {
  extent.depth = std::max(extent.depth, depth);
  extent.bytes += 16;
  if (const ObjectPtr object = AsObject(tree)) {
    for (const auto& [name, value] : *object) {
      extent.bytes += name.size();
      Measure(value, depth + 1, extent);
    }
  } else if (const ArrayPtr array = AsArray(tree)) {
    for (const auto& item : *array) Measure(item, depth + 1, extent);
  } else if (tree.isString()) {
    extent.bytes += tree.extract<std::string>().size();
  }
}

// A document during the application of a patch. Each operation returns nothing on success, else the
// reason.
class Patched {
 public:
  explicit Patched(const Tree& root) : root_(root) {}
  const Tree& root() const { return root_; }

  Status Apply(const Operation& operation) {
    if (operation.op == "add") return Add(operation.path, operation.value);
    if (operation.op == "replace") return Replace(operation.path, operation.value);
    if (operation.op == "remove") return Remove(operation.path);
    if (operation.op == "test") return Test(operation.path, operation.value);
    if (operation.op == "copy") return Copy(operation.from, operation.path);
    return Move(operation.from, operation.path);
  }

 private:
  static Failure Missing(std::string_view what) {
    return Fail(Code::kConflict, StrCat("the document has no such ", what));
  }

  Result<Tree> Find(const std::vector<std::string>& path, std::size_t length) const {
    Tree at = root_;
    for (std::size_t i = 0; i < length; ++i) {
      if (const ObjectPtr object = AsObject(at)) {
        if (!object->has(path[i])) return Missing("member");
        at = object->get(path[i]);
      } else if (const ArrayPtr array = AsArray(at)) {
        const auto index = ParseIndex(path[i]);
        if (!index || *index >= array->size()) return Missing("element");
        at = array->get(static_cast<unsigned>(*index));
      } else {
        return Missing("place: it leads through a value that is neither object nor array");
      }
    }
    return Result<Tree>(tl::in_place, at);  // explicit, because Var converts to anything
  }

  Status Add(const std::vector<std::string>& path, const Tree& value) {
    CAPSTAN_RETURN_IF_ERROR(CheckDepth(path, value));
    if (path.empty()) {
      root_ = value;
      return {};
    }
    CAPSTAN_TRY(const Tree parent, Find(path, path.size() - 1));
    if (ObjectPtr object = AsObject(parent)) {
      object->set(path.back(), value);
      return {};
    }
    ArrayPtr array = AsArray(parent);
    if (!array) return Missing("object or array to add to");
    if (path.back() == "-") {
      array->add(value);
      return {};
    }
    const auto index = ParseIndex(path.back());
    if (!index || *index > array->size()) return Missing("element to insert before");
    // Poco's array has no insert: append, then rotate the new last element into place.
    array->add(value);
    std::vector<Tree> items(array->begin(), array->end());
    std::rotate(items.begin() + static_cast<std::ptrdiff_t>(*index), items.end() - 1, items.end());
    for (unsigned i = static_cast<unsigned>(*index); i < items.size(); ++i) array->set(i, items[i]);
    return {};
  }

  Status Replace(const std::vector<std::string>& path, const Tree& value) {
    CAPSTAN_RETURN_IF_ERROR(CheckDepth(path, value));
    CAPSTAN_RETURN_IF_ERROR(Find(path, path.size()));
    if (path.empty()) {
      root_ = value;
      return {};
    }
    CAPSTAN_TRY(const Tree parent, Find(path, path.size() - 1));
    if (ObjectPtr object = AsObject(parent)) {
      object->set(path.back(), value);
    } else {
      AsArray(parent)->set(static_cast<unsigned>(*ParseIndex(path.back())), value);
    }
    return {};
  }

  Status Remove(const std::vector<std::string>& path) {
    CAPSTAN_RETURN_IF_ERROR(Find(path, path.size()));
    if (path.empty()) return Fail(Code::kInvalidArgument, "the whole document cannot be removed");
    CAPSTAN_TRY(const Tree parent, Find(path, path.size() - 1));
    if (ObjectPtr object = AsObject(parent)) {
      object->remove(path.back());
    } else {
      AsArray(parent)->remove(static_cast<unsigned>(*ParseIndex(path.back())));
    }
    return {};
  }

  Status Test(const std::vector<std::string>& path, const Tree& value) const {
    CAPSTAN_TRY(const Tree present, Find(path, path.size()));
    if (!Equal(present, value)) return Fail(Code::kConflict, "the test failed: another value is there");
    return {};
  }

  Status Copy(const std::vector<std::string>& from, const std::vector<std::string>& path) {
    CAPSTAN_TRY(const Tree value, Find(from, from.size()));
    Extent extent;
    Measure(value, 0, extent);
    copied_ += extent.bytes;
    if (copied_ > kCopiedLimit) return Fail(Code::kTooLarge, "its copies add up to more than 3 MiB");
    return Add(path, Clone(value));
  }

  Status Move(const std::vector<std::string>& from, const std::vector<std::string>& path) {
    CAPSTAN_TRY(const Tree value, Find(from, from.size()));
    if (from == path) return {};
    if (Encloses(from, path)) return Fail(Code::kInvalidArgument, "a value cannot be moved into itself");
    CAPSTAN_RETURN_IF_ERROR(Remove(from));
    return Add(path, value);
  }

  static Status CheckDepth(const std::vector<std::string>& path, const Tree& value) {
    Extent extent;
    Measure(value, 1, extent);
    if (path.size() + static_cast<std::size_t>(extent.depth) > kPatchedDepth) {
      return Fail(Code::kTooLarge, StrCat("the document would be nested more than ", kPatchedDepth, " deep"));
    }
    return {};
  }

  Tree root_;
  std::size_t copied_ = 0;
};

Failure Refused(const Operation& operation, std::size_t index, Error error) {
  error.message = StrCat("operation ", index, " of the JSON patch (", operation.op, " \"",
                         Shorten(operation.path_text, 200), "\"): ", error.message);
  return Fail(std::move(error));
}

}  // namespace

Result<Tree> JsonPatchOf(const Tree& target, std::string_view patch, const std::function<bool()>& gone) {
  auto list = ParseTree(patch);
  if (!list) return Annotate(std::move(list).error(), "the JSON patch");
  const ArrayPtr steps = AsArray(*list);
  if (!steps) return Fail(Code::kInvalidArgument, "the JSON patch is not an array of operations");
  if (steps->size() > kOperationLimit) {
    return Fail(Code::kTooLarge, StrCat("the JSON patch has more than ", kOperationLimit, " operations"));
  }
  std::vector<Operation> operations;
  for (const auto& step : *steps) {
    CAPSTAN_TRY(Operation operation, ParseOperation(step, operations.size()));
    operations.push_back(std::move(operation));
  }
  Patched patched(target);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (gone && i % kOperationsBetween == kOperationsBetween - 1 && gone())
      return Fail(Code::kCancelled, "nobody waits for the patch any more");
    if (auto applied = patched.Apply(operations[i]); !applied) {
      return Refused(operations[i], i, std::move(applied).error());
    }
  }
  return Result<Tree>(tl::in_place, patched.root());  // explicit, because Var converts to anything
}

Result<std::string> JsonPatch(std::string_view document, std::string_view patch) {
  auto target = ParseTree(document);
  if (!target) return Annotate(std::move(target).error(), "the document to patch");
  CAPSTAN_TRY(const Tree patched, JsonPatchOf(*target, patch, {}));
  return ToText(patched);
}

}  // namespace capstan::json
