// Private to the sources of this repository: the JSON tree where one is right. Not for public headers, not installed.
// Keys keep their order; numbers outside int64 and double, and nesting above the limit, are errors.
#pragma once

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

// Errors: kInvalidArgument with position or reason; kTooLarge above `depth`.
Result<Tree> ParseTree(std::string_view text, int depth = 256);
Result<ObjectPtr> ParseObject(std::string_view text, int depth = 256);
// Compact, UTF-8 kept as it is.
std::string ToText(const Tree& tree);
std::string ToText(const ObjectPtr& object);

ObjectPtr MakeObject();
ArrayPtr MakeArray();
// Deep copies: Poco's own copies are shallow.
Tree Clone(const Tree& tree);
ObjectPtr Clone(const ObjectPtr& object);
bool Equal(const Tree& a, const Tree& b);

// Walks keys; a null pointer or an empty optional when any of them is missing or of another type. Never throws.
ObjectPtr ObjectIn(const ObjectPtr& object, std::string_view key);
ArrayPtr ArrayIn(const ObjectPtr& object, std::string_view key);
std::optional<std::string> StringIn(const ObjectPtr& object, std::string_view key);  // strings only, nothing is converted
std::optional<std::int64_t> IntegerIn(const ObjectPtr& object, std::string_view key);
std::optional<bool> BooleanIn(const ObjectPtr& object, std::string_view key);
std::optional<double> NumberIn(const ObjectPtr& object, std::string_view key);
ObjectPtr AsObject(const Tree& tree);
ArrayPtr AsArray(const Tree& tree);
bool IsNull(const Tree& tree);

}  // namespace capstan::json
