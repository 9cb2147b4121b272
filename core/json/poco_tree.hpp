// Private to the sources of this repository: a JSON tree, for code that needs one. Not for public
// headers, not installed. Keys keep their order (objects of more than 1000 keys are sorted); if a
// key occurs twice, the last value wins. Integers are exact from -2^63 to 2^64-1 and 1.0 stays a
// double; other numbers, and nesting above the limit, are errors. In a function that returns
// Result<Tree>, return Result<Tree>(tl::in_place, tree), because Poco's Var converts to anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

using Tree = Poco::Dynamic::Var;
using ObjectPtr = Poco::JSON::Object::Ptr;
using ArrayPtr = Poco::JSON::Array::Ptr;

// Errors: kInvalidArgument with the reason; kTooLarge above `depth` levels (at most 1024).
Result<Tree> ParseTree(std::string_view text, int depth = 256);
Result<ObjectPtr> ParseObject(std::string_view text, int depth = 256);
// Compact; valid UTF-8 is copied unchanged, each invalid byte becomes U+FFFD. Doubles have the
// shortest form that parses back to the same value.
std::string ToText(const Tree& tree);
std::string ToText(const ObjectPtr& object);
std::string ToText(const ArrayPtr& array);

ObjectPtr MakeObject();
ObjectPtr MakeObject(std::size_t keys);  // for so many keys: their order is preserved up to 1000
// `object` if it has at most 1000 keys after that many more are added, else a sorted (shallow) copy
// to use instead.
ObjectPtr WithRoomFor(const ObjectPtr& object, std::size_t more);
ArrayPtr MakeArray();
// Deep copies; Poco's own copies are shallow.
Tree Clone(const Tree& tree);
ObjectPtr Clone(const ObjectPtr& object);
// Numbers compare by value, whole ones beyond int64 as doubles.
bool Equal(const Tree& a, const Tree& b);

// Looks up a key; a null pointer or an empty optional if it is missing or of another type. Never
// throws.
ObjectPtr ObjectIn(const ObjectPtr& object, std::string_view key);
ArrayPtr ArrayIn(const ObjectPtr& object, std::string_view key);
// Strings only; no conversions.
std::optional<std::string> StringIn(const ObjectPtr& object, std::string_view key);
// The string, or "" if there is none.
std::string TextIn(const ObjectPtr& object, std::string_view key);
std::optional<std::int64_t> IntegerIn(const ObjectPtr& object, std::string_view key);
std::optional<bool> BooleanIn(const ObjectPtr& object, std::string_view key);
std::optional<double> NumberIn(const ObjectPtr& object, std::string_view key);
// The strings, or objects, in the array under a key, in order; items of other types are omitted.
// Empty if there is no array.
std::vector<std::string> StringsIn(const ObjectPtr& object, std::string_view key);
std::vector<ObjectPtr> ObjectsIn(const ObjectPtr& object, std::string_view key);
// The same for an array, which can be null.
std::vector<std::string> StringsOf(const ArrayPtr& array);
std::vector<ObjectPtr> ObjectsOf(const ArrayPtr& array);
ArrayPtr ArrayOf(const std::vector<std::string>& strings);

ObjectPtr AsObject(const Tree& tree);
ArrayPtr AsArray(const Tree& tree);
bool IsNull(const Tree& tree);

}  // namespace capstan::json
