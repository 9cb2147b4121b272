// Private to the sources of this repository: the JSON tree where one is right. Not for public
// headers, not installed. Keys keep their order (objects of more than 1000 keys come sorted); of a
// key given twice the last value counts. Integers stay exact from -2^63 to 2^64-1 and 1.0 stays a
// double; other numbers, and nesting above the limit, are errors. In a function that returns
// Result<Tree>, return Result<Tree>(tl::in_place, tree): Poco's Var converts to anything.
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
// Compact; UTF-8 is kept, bytes that are none become U+FFFD. Doubles in the shortest form that
// reads back the same.
std::string ToText(const Tree& tree);
std::string ToText(const ObjectPtr& object);
std::string ToText(const ArrayPtr& array);

ObjectPtr MakeObject();
ObjectPtr MakeObject(std::size_t keys);  // for so many keys: their order is kept up to 1000
// `object` when that many more keys leave it within 1000, else a sorted (shallow) copy to go on
// with.
ObjectPtr WithRoomFor(const ObjectPtr& object, std::size_t more);
ArrayPtr MakeArray();
// Deep copies: Poco's own copies are shallow.
Tree Clone(const Tree& tree);
ObjectPtr Clone(const ObjectPtr& object);
bool Equal(const Tree& a, const Tree& b);

// Walks keys; a null pointer or an empty optional when any of them is missing or of another type.
// Never throws.
ObjectPtr ObjectIn(const ObjectPtr& object, std::string_view key);
ArrayPtr ArrayIn(const ObjectPtr& object, std::string_view key);
// Strings only; nothing is converted.
std::optional<std::string> StringIn(const ObjectPtr& object, std::string_view key);
// The same, "" when there is none.
std::string TextIn(const ObjectPtr& object, std::string_view key);
std::optional<std::int64_t> IntegerIn(const ObjectPtr& object, std::string_view key);
std::optional<bool> BooleanIn(const ObjectPtr& object, std::string_view key);
std::optional<double> NumberIn(const ObjectPtr& object, std::string_view key);
// What an array under a key holds of strings, or of objects, in its order; items of another type
// are left out. Empty when there is no array.
std::vector<std::string> StringsIn(const ObjectPtr& object, std::string_view key);
std::vector<ObjectPtr> ObjectsIn(const ObjectPtr& object, std::string_view key);
// The same of an array, which may be null.
std::vector<std::string> StringsOf(const ArrayPtr& array);
std::vector<ObjectPtr> ObjectsOf(const ArrayPtr& array);
ArrayPtr ArrayOf(const std::vector<std::string>& strings);

ObjectPtr AsObject(const Tree& tree);
ArrayPtr AsArray(const Tree& tree);
bool IsNull(const Tree& tree);

}  // namespace capstan::json
