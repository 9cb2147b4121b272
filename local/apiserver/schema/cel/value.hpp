// What CEL expressions compute with. For the cel files only.
//
// Lists, maps and texts of the object under test are looked at where they lie: such values must not
// outlive the trees they came from. Texts that an expression made are shared by all copies of a
// value. Values; thread-safe like their trees.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

struct Value {
  enum class Kind {
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kList,
    kMap,
    kTimestamp,
    kDuration,
    kOptional,   // items: one, or none
    kType,       // text: its name
    kUrl,        // text, as it was written
    kIp,         // text: 4 or 16 bytes
    kCidr,       // text: the bytes of the address, then one of its prefix length
    kQuantity,   // text, as it was written
    kSemver,     // text, normalized
    kFormat,     // text: its name
    kAuthorizer  // a question about rights so far (functions_access.cpp)
  };
  Kind kind = Kind::kNull;
  bool truth = false;
  std::int64_t whole = 0;  // kInt; nanoseconds of kTimestamp (since 1970) and kDuration
  std::uint64_t natural = 0;
  double real = 0;
  std::string_view text;                            // kString, kBytes, and the kinds that say so
  std::shared_ptr<const std::string> owner;         // of text; null: the object under test, or the program
  std::shared_ptr<const std::vector<Value>> items;  // of a kList made by an expression
  std::shared_ptr<const std::vector<std::pair<Value, Value>>> fields;  // of a kMap made by an expression
  const json::Tree* tree = nullptr;                                    // of a kList or kMap of the object
  const SchemaNode* node = nullptr;                                    // its schema; null: unknown

  bool IsNumber() const { return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble; }
  std::string String() const { return std::string(text); }
};

using Kind = Value::Kind;

Value Null();
Value Bool(bool truth);
Value Int(std::int64_t whole);
Value Uint(std::uint64_t natural);
Value Double(double real);
Value Text(std::string text);
Value TextOfKind(Kind kind, std::string text);
// A part of the text of `whole`, which it shares.
Value PartOf(const Value& whole, std::string_view part);
Value List(std::vector<Value> items);
Value Map(std::vector<std::pair<Value, Value>> fields);
Value Some(Value value);
Value None();

// The same, after the meter has been asked: for texts and lists whose size the object decides.
Result<Value> MakeText(std::string text, Meter& meter);
Result<Value> MakeList(std::vector<Value> items, Meter& meter);

// A value of the object. `node` says what its text means (date-time, duration, byte); may be null.
Result<Value> FromTree(const json::Tree& tree, const SchemaNode* node, Meter& meter);

std::size_t SizeOf(const Value& value);  // runes, items or fields
// REQUIRES: a kList, index below its size.
Result<Value> ItemAt(const Value& list, std::size_t index, Meter& meter);
// The field of a kMap under its name as CEL writes it (see UnescapeName), or nothing.
Result<std::optional<Value>> FieldOf(const Value& map, std::string_view name, Meter& meter);
Result<std::optional<Value>> LookUp(const Value& map, const Value& key, Meter& meter);
Result<std::vector<Value>> KeysOf(const Value& map, Meter& meter);

// Errors: those of the meter.
Result<bool> Same(const Value& a, const Value& b, Meter& meter);
// Order of two numbers, texts, times, durations or truths; nothing when they cannot be ordered.
std::optional<int> Order(const Value& a, const Value& b);
// A text that equal values share and no others. Errors: those of the meter.
Result<std::string> KeyText(const Value& value, Meter& meter);
// By which an item of a list is one and the same: by its keys in a list-map, else as a whole.
Result<std::string> IdentityText(const SchemaNode* list, const Value& item, Meter& meter);

// The rune that begins at `at`, which moves behind it; a stray byte is one.
std::uint32_t NextRune(std::string_view text, std::size_t& at);
void AppendRune(std::string& out, std::uint32_t rune);

// Names that CEL cannot spell are written in Kubernetes' escapes: __dash__, __dot__, __slash__,
// __underscores__, __KEYWORD__.
std::string UnescapeName(std::string_view name);
// Whether a field of this name may be written so.
bool IsNameOf(std::string_view written, const std::string& name);

// RFC 3339; nothing when malformed.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);
// As Go writes durations: "1h30m", "1.5s"; nothing when malformed.
std::optional<std::int64_t> ParseDuration(std::string_view text);

}  // namespace capstan::apiserver::cel
