#include <capstan/core/json/poco_tree.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>

#include <capstan/core/base/json.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Poco searches all keys of an ordered object whenever it adds one. Above this many keys, objects
// are sorted instead.
constexpr std::size_t kOrderedKeys = 1000;

Tree Build(element value);

Tree BuildObject(simdjson::dom::object fields) {
  ObjectPtr object = MakeObject(fields.size());
  for (auto field : fields) object->set(std::string(field.key), Build(field.value));
  return object;
}

Tree BuildArray(simdjson::dom::array items) {
  ArrayPtr array = MakeArray();
  for (auto item : items) array->add(Build(item));
  return array;
}

Tree Build(element value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return BuildObject(value.get_object().value_unsafe());
    case element_type::ARRAY:
      return BuildArray(value.get_array().value_unsafe());
    case element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case element_type::INT64:
      return Poco::Int64{value.get_int64().value_unsafe()};
    case element_type::UINT64:
      return Poco::UInt64{value.get_uint64().value_unsafe()};
    case element_type::DOUBLE:
      return value.get_double().value_unsafe();
    case element_type::BOOL:
      return value.get_bool().value_unsafe();
    case element_type::NULL_VALUE:
      break;
  }
  return {};
}

bool IsBoolean(const Tree& tree) { return !tree.isEmpty() && tree.isBoolean(); }
bool IsInteger(const Tree& tree) { return !tree.isEmpty() && tree.isInteger() && !tree.isBoolean(); }
bool IsDouble(const Tree& tree) {
  return !tree.isEmpty() && (tree.type() == typeid(double) || tree.type() == typeid(float));
}
bool IsString(const Tree& tree) { return !tree.isEmpty() && tree.type() == typeid(std::string); }

bool BooleanOf(const Tree& tree) { return tree.convert<bool>(); }
double DoubleOf(const Tree& tree) {
  return tree.type() == typeid(float) ? static_cast<double>(tree.extract<float>()) : tree.extract<double>();
}

// An integer of any C++ type, split so that all of int64 and uint64 fit.
struct Whole {
  bool negative = false;
  std::uint64_t magnitude = 0;
  friend bool operator==(const Whole&, const Whole&) = default;
};
Whole WholeOf(const Tree& tree) {
  if (!tree.isSigned()) return {false, tree.convert<Poco::UInt64>()};
  const std::int64_t value = tree.convert<Poco::Int64>();
  if (value >= 0) return {false, static_cast<std::uint64_t>(value)};
  return {true, ~static_cast<std::uint64_t>(value) + 1};
}

// Servers written in Go store whole numbers beyond int64 as doubles, and send 17 digits of them:
// two of them are equal if they are the same double.
bool IsBeyondInt64(const Whole& whole) {
  return !whole.negative && whole.magnitude > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

bool SameWhole(const Whole& a, const Whole& b) {
  return a == b || (IsBeyondInt64(a) && IsBeyondInt64(b) &&
                    static_cast<double>(a.magnitude) == static_cast<double>(b.magnitude));
}

bool SameNumber(const Whole& whole, double value) {
  if (IsBeyondInt64(whole)) return static_cast<double>(whole.magnitude) == value;
  if (!std::isfinite(value) || std::trunc(value) != value) return false;
  const double magnitude = std::fabs(value);
  if (magnitude >= 18446744073709551616.0) return false;  // 2^64
  const auto exact = static_cast<std::uint64_t>(magnitude);
  return exact == whole.magnitude && (exact == 0 || (value < 0) == whole.negative);
}

// Calls `see` for each name and value in the object's order. Poco returns values only as copies,
// which dominate the cost of an iteration; its iterators avoid them, but are in sorted order.
template <class See>
void EachOf(const Poco::JSON::Object& object, const See& see) {
  using Item = Poco::JSON::Object::ValueMap::value_type;
  std::vector<const Item*> sorted;
  sorted.reserve(object.size());
  for (const Item& item : object) sorted.push_back(&item);
  for (const std::string& name : object.getNames()) {
    const auto found =
        std::lower_bound(sorted.begin(), sorted.end(), name,
                         [](const Item* item, const std::string& key) { return item->first < key; });
    see(name, (*found)->second);
  }
}

void Append(const Tree& tree, std::string& out);

void Append(const ObjectPtr& object, std::string& out) {
  out += '{';
  bool first = true;
  EachOf(*object, [&](const std::string& name, const Tree& value) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(name, out);
    out += ':';
    Append(value, out);
  });
  out += '}';
}

void Append(const ArrayPtr& array, std::string& out) {
  out += '[';
  bool first = true;
  for (const auto& item : *array) {
    if (!first) out += ',';
    first = false;
    Append(item, out);
  }
  out += ']';
}

void Append(const Tree& tree, std::string& out) {
  if (IsNull(tree)) {
    out += "null";
  } else if (const ObjectPtr object = AsObject(tree)) {
    Append(object, out);
  } else if (const ArrayPtr array = AsArray(tree)) {
    Append(array, out);
  } else if (IsString(tree)) {
    AppendJsonString(tree.extract<std::string>(), out);
  } else if (IsBoolean(tree)) {
    out += BooleanOf(tree) ? "true" : "false";
  } else if (IsInteger(tree)) {
    const Whole whole = WholeOf(tree);
    if (whole.negative) out += '-';
    out += std::to_string(whole.magnitude);
  } else if (IsDouble(tree)) {
    AppendJsonNumber(DoubleOf(tree), out);
  } else {
    AppendJsonString(tree.toString(), out);
  }
}

bool SameObject(const ObjectPtr& a, const ObjectPtr& b) {
  if (a->size() != b->size()) return false;
  for (auto left = a->begin(), right = b->begin(); left != a->end(); ++left, ++right) {
    if (left->first != right->first || !Equal(left->second, right->second)) return false;
  }
  return true;
}

bool SameArray(const ArrayPtr& a, const ArrayPtr& b) {
  return a->size() == b->size() && std::equal(a->begin(), a->end(), b->begin(),
                                              [](const Tree& x, const Tree& y) { return Equal(x, y); });
}

// The value under a key, or an empty one.
Tree Under(const ObjectPtr& object, std::string_view key) {
  return object ? object->get(std::string(key)) : Tree();
}

}  // namespace

Result<Tree> ParseTree(std::string_view text, int depth) {
  LentParser parser;
  element root;
  CAPSTAN_RETURN_IF_ERROR(ParseForTree(*parser, text, depth, root));
  try {
    return Result<Tree>(tl::in_place, Build(root));  // explicit, because Var converts to anything
  } catch (const std::exception& error) {
    return Fail(Code::kInternal, std::string("the JSON tree could not be built: ") + error.what());
  }
}

Result<ObjectPtr> ParseObject(std::string_view text, int depth) {
  CAPSTAN_TRY(const Tree tree, ParseTree(text, depth));
  ObjectPtr object = AsObject(tree);
  if (!object) return NotAnObject();
  return object;
}

std::string ToText(const Tree& tree) {
  std::string out;
  Append(tree, out);
  return out;
}

std::string ToText(const ObjectPtr& object) {
  std::string out;
  if (object) {
    Append(object, out);
  } else {
    out = "null";
  }
  return out;
}

std::string ToText(const ArrayPtr& array) {
  std::string out;
  if (array) {
    Append(array, out);
  } else {
    out = "null";
  }
  return out;
}

ObjectPtr MakeObject() { return MakeObject(0); }
ObjectPtr MakeObject(std::size_t keys) {
  return new Poco::JSON::Object(keys > kOrderedKeys ? 0 : Poco::JSON_PRESERVE_KEY_ORDER);
}
ObjectPtr WithRoomFor(const ObjectPtr& object, std::size_t more) {
  if (object->size() + more <= kOrderedKeys) return object;
  ObjectPtr sorted = new Poco::JSON::Object(0);
  for (const auto& [name, value] : *object) sorted->set(name, value);
  return sorted;
}
ArrayPtr MakeArray() { return new Poco::JSON::Array(); }

ObjectPtr Clone(const ObjectPtr& object) {
  if (!object) return {};
  ObjectPtr copy = MakeObject(object->size());
  EachOf(*object, [&](const std::string& name, const Tree& value) { copy->set(name, Clone(value)); });
  return copy;
}

Tree Clone(const Tree& tree) {
  if (const ObjectPtr object = AsObject(tree)) return Clone(object);
  if (const ArrayPtr array = AsArray(tree)) {
    ArrayPtr copy = MakeArray();
    for (const auto& item : *array) copy->add(Clone(item));
    return copy;
  }
  return tree;
}

bool Equal(const Tree& a, const Tree& b) {
  if (IsNull(a) || IsNull(b)) return IsNull(a) && IsNull(b);
  const ObjectPtr object_a = AsObject(a), object_b = AsObject(b);
  if (object_a || object_b) return object_a && object_b && SameObject(object_a, object_b);
  const ArrayPtr array_a = AsArray(a), array_b = AsArray(b);
  if (array_a || array_b) return array_a && array_b && SameArray(array_a, array_b);
  if (IsString(a) || IsString(b)) {
    return IsString(a) && IsString(b) && a.extract<std::string>() == b.extract<std::string>();
  }
  if (IsBoolean(a) || IsBoolean(b)) return IsBoolean(a) && IsBoolean(b) && BooleanOf(a) == BooleanOf(b);
  if (IsInteger(a) && IsInteger(b)) return SameWhole(WholeOf(a), WholeOf(b));
  if (IsInteger(a) && IsDouble(b)) return SameNumber(WholeOf(a), DoubleOf(b));
  if (IsDouble(a) && IsInteger(b)) return SameNumber(WholeOf(b), DoubleOf(a));
  return IsDouble(a) && IsDouble(b) && DoubleOf(a) == DoubleOf(b);
}

ObjectPtr AsObject(const Tree& tree) {
  if (tree.isEmpty()) return {};
  if (tree.type() == typeid(ObjectPtr)) return tree.extract<ObjectPtr>();
  if (tree.type() == typeid(Poco::JSON::Object))
    return new Poco::JSON::Object(tree.extract<Poco::JSON::Object>());
  return {};
}

ArrayPtr AsArray(const Tree& tree) {
  if (tree.isEmpty()) return {};
  if (tree.type() == typeid(ArrayPtr)) return tree.extract<ArrayPtr>();
  if (tree.type() == typeid(Poco::JSON::Array))
    return new Poco::JSON::Array(tree.extract<Poco::JSON::Array>());
  return {};
}

bool IsNull(const Tree& tree) {
  if (tree.isEmpty()) return true;
  // Callers that store a null pointer as a value mean null.
  if (tree.type() == typeid(ObjectPtr)) return tree.extract<ObjectPtr>().isNull();
  return tree.type() == typeid(ArrayPtr) && tree.extract<ArrayPtr>().isNull();
}

ObjectPtr ObjectIn(const ObjectPtr& object, std::string_view key) { return AsObject(Under(object, key)); }
ArrayPtr ArrayIn(const ObjectPtr& object, std::string_view key) { return AsArray(Under(object, key)); }

std::optional<std::string> StringIn(const ObjectPtr& object, std::string_view key) {
  const Tree value = Under(object, key);
  if (!IsString(value)) return std::nullopt;
  return value.extract<std::string>();
}

std::optional<std::int64_t> IntegerIn(const ObjectPtr& object, std::string_view key) {
  const Tree value = Under(object, key);
  if (!IsInteger(value)) return std::nullopt;
  const Whole whole = WholeOf(value);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (whole.magnitude > kMost + (whole.negative ? 1 : 0)) return std::nullopt;
  return whole.negative ? static_cast<std::int64_t>(~whole.magnitude + 1)
                        : static_cast<std::int64_t>(whole.magnitude);
}

std::optional<bool> BooleanIn(const ObjectPtr& object, std::string_view key) {
  const Tree value = Under(object, key);
  if (!IsBoolean(value)) return std::nullopt;
  return BooleanOf(value);
}

std::optional<double> NumberIn(const ObjectPtr& object, std::string_view key) {
  const Tree value = Under(object, key);
  if (IsDouble(value)) return DoubleOf(value);
  if (!IsInteger(value)) return std::nullopt;
  const Whole whole = WholeOf(value);
  const auto magnitude = static_cast<double>(whole.magnitude);
  return whole.negative ? -magnitude : magnitude;
}

std::string TextIn(const ObjectPtr& object, std::string_view key) {
  return StringIn(object, key).value_or("");
}

std::vector<std::string> StringsOf(const ArrayPtr& array) {
  std::vector<std::string> strings;
  if (!array) return strings;
  for (const Tree& item : *array) {
    if (IsString(item)) strings.push_back(item.extract<std::string>());
  }
  return strings;
}

std::vector<ObjectPtr> ObjectsOf(const ArrayPtr& array) {
  std::vector<ObjectPtr> objects;
  if (!array) return objects;
  for (const Tree& item : *array) {
    if (ObjectPtr object = AsObject(item)) objects.push_back(std::move(object));
  }
  return objects;
}

std::vector<std::string> StringsIn(const ObjectPtr& object, std::string_view key) {
  return StringsOf(ArrayIn(object, key));
}
std::vector<ObjectPtr> ObjectsIn(const ObjectPtr& object, std::string_view key) {
  return ObjectsOf(ArrayIn(object, key));
}

ArrayPtr ArrayOf(const std::vector<std::string>& strings) {
  ArrayPtr array = MakeArray();
  for (const std::string& text : strings) array->add(text);
  return array;
}

}  // namespace capstan::json
