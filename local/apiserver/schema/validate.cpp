// Validates a value against its schema, in the words and the order of Kubernetes' validator.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/node.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

namespace capstan::apiserver {
namespace {

using Errors = std::vector<FieldError>;

class Validation final {
 public:
  Validation(Errors& errors, const Cancellation* cancellation)
      : errors_(errors), cancellation_(cancellation) {}

  void Check(const SchemaNode& node, const json::Tree& value, const json::Tree* old, const std::string& path);
  int looked_at() const { return looked_at_; }

 private:
  void Invalid(const std::string& path, json::Tree bad, const std::string& detail) {
    errors_.push_back(InvalidField(path, std::move(bad), detail));
  }
  void Mistyped(const std::string& path, const std::string& bad, const std::string& wanted) {
    errors_.push_back({FieldErrorType::kTypeInvalid, path, bad,
                       StrCat(path, " in body must be of type ", wanted, ": ", json::Quote(bad))});
  }
  // Kubernetes reports these without a field: "<nil>".
  void Nowhere(const std::string& detail) { Invalid("<nil>", std::string(), detail); }

  bool CheckType(const SchemaNode& node, const json::Tree& value, const std::string& path);
  void CheckChoices(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                    const std::string& path);
  void CheckAnyOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                  const std::string& path);
  void CheckOneOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                  const std::string& path);
  void CheckAllOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                  const std::string& path);
  void CheckString(const SchemaNode& node, const std::string& value, const std::string& path);
  void CheckNumber(const SchemaNode& node, const json::Tree& value, const std::string& path);
  void CheckRange(const SchemaNode& node, double value, const json::Tree& shown, bool whole,
                  const std::string& path);
  void CheckWidth(const SchemaNode& node, const json::Tree& value, const std::string& path);
  void CheckArray(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                  const std::string& path);
  void CheckEnum(const SchemaNode& node, const json::Tree& value, const std::string& path);
  void CheckObject(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                   const std::string& path);

  Errors& errors_;
  const Cancellation* cancellation_;
  // How many values were validated: when all alternatives fail, the one that got farthest is
  // reported.
  int looked_at_ = 0;
};

bool IsWhole(double value) {
  return std::trunc(value) == value && std::fabs(value) < 9223372036854775808.0;
}  // 2^63

bool Validation::CheckType(const SchemaNode& node, const json::Tree& value, const std::string& path) {
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kNull) {
    if (node.nullable || (node.type.empty() && !node.int_or_string)) return true;
    Mistyped(path, "null", node.int_or_string ? "integer,string" : node.type);
    return false;
  }
  const double size = kind == ValueKind::kDouble ? NumberOf(value) : 0;
  const bool whole =
      kind == ValueKind::kInteger ||
      (kind == ValueKind::kDouble && (IsWhole(size) || (!node.format.empty() && std::trunc(size) == size)));
  if (node.int_or_string) {
    if (whole || kind == ValueKind::kString) return true;
    Mistyped(path, std::string(KindName(kind)), "integer,string");
    return false;
  }
  if (node.type.empty()) return true;
  const bool number = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  if (node.type == "integer" ? whole : node.type == "number" ? number : node.type == KindName(kind))
    return true;
  // Kubernetes compares the format with that of the value before it compares types.
  if (!node.format.empty() && kind != ValueKind::kString && kind != ValueKind::kArray) {
    Mistyped(path,
             kind == ValueKind::kInteger  ? "int64"
             : kind == ValueKind::kDouble ? "float64"
                                          : "",
             node.format);
    return false;
  }
  Mistyped(path, std::string(KindName(kind)), node.type);
  return false;
}

void Validation::CheckAnyOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                            const std::string& path) {
  Errors best;
  int best_looked_at = -1;
  for (const auto& part : node.any_of) {
    Errors errors;
    Validation validation(errors, cancellation_);
    validation.Check(*part, value, old, path);
    if (errors.empty()) return;
    if (validation.looked_at() > best_looked_at) {
      best_looked_at = validation.looked_at();
      best = std::move(errors);
    }
  }
  Nowhere(StrCat(json::Quote(path), " must validate at least one schema (anyOf)"));
  errors_.insert(errors_.end(), best.begin(), best.end());
}

void Validation::CheckOneOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                            const std::string& path) {
  Errors best;
  int best_looked_at = -1, valid = 0;
  for (const auto& part : node.one_of) {
    Errors errors;
    Validation validation(errors, cancellation_);
    validation.Check(*part, value, old, path);
    if (errors.empty()) {
      ++valid;
    } else if (validation.looked_at() > best_looked_at) {
      best_looked_at = validation.looked_at();
      best = std::move(errors);
    }
  }
  if (valid == 1) return;
  const std::string sentence =
      StrCat(json::Quote(path), " must validate one and only one schema (oneOf). Found ");
  if (valid > 1) {
    Nowhere(StrCat(sentence, valid, " valid alternatives"));
    return;
  }
  Nowhere(sentence + "none valid");
  errors_.insert(errors_.end(), best.begin(), best.end());
}

void Validation::CheckAllOf(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                            const std::string& path) {
  std::size_t valid = 0;
  for (const auto& part : node.all_of) {
    const std::size_t before = errors_.size();
    Check(*part, value, old, path);
    if (errors_.size() == before) ++valid;
  }
  if (valid == node.all_of.size()) return;
  Nowhere(StrCat(json::Quote(path), " must validate all the schemas (allOf)",
                 valid == 0 ? ". None validated" : ""));
}

void Validation::CheckChoices(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                              const std::string& path) {
  if (!node.any_of.empty()) CheckAnyOf(node, value, old, path);
  if (!node.one_of.empty()) CheckOneOf(node, value, old, path);
  if (!node.all_of.empty()) CheckAllOf(node, value, old, path);
  if (!node.negated) return;
  Errors errors;
  Validation(errors, cancellation_).Check(*node.negated, value, nullptr, path);
  if (errors.empty()) Nowhere(StrCat(json::Quote(path), " must not validate the schema (not)"));
}

void Validation::CheckString(const SchemaNode& node, const std::string& value, const std::string& path) {
  const auto runes = static_cast<std::int64_t>(CountRunes(value));
  if (node.max_length && runes > *node.max_length) {
    errors_.push_back(
        {FieldErrorType::kTooLong, path, value, StrCat("may not be more than ", *node.max_length, " bytes")});
  } else if (node.min_length && runes < *node.min_length) {
    Invalid(path, value, StrCat(path, " in body should be at least ", *node.min_length, " chars long"));
  } else if (node.matcher && !node.matcher->Matches(value)) {
    Invalid(path, value, StrCat(path, " in body should match '", node.pattern, "'"));
  }
  if (!node.format.empty() && !HasFormat(node.format, value)) {
    errors_.push_back({FieldErrorType::kTypeInvalid, path, value,
                       StrCat(path, " in body must be of type ", node.format, ": ", json::Quote(value))});
  }
}

void Validation::CheckRange(const SchemaNode& node, double value, const json::Tree& shown, bool whole,
                            const std::string& path) {
  // The limit of an integer is truncated to an integer, as in Kubernetes.
  const auto limit = [whole](double number) { return whole ? std::trunc(number) : number; };
  if (node.multiple_of) {
    const double factor = limit(*node.multiple_of);
    const double times = value / factor;
    if (factor <= 0) {
      Invalid(path, Poco::Int64{0},
              StrCat("factor MultipleOf declared for ", path, " must be positive: ", NumberText(factor)));
    } else if (std::fabs(times - std::round(times)) > 1e-9 * std::max(1.0, std::fabs(times))) {
      Invalid(path, shown, StrCat(path, " in body should be a multiple of ", NumberText(factor)));
    }
  }
  if (node.maximum) {
    const double most = limit(*node.maximum);
    if (node.exclusive_maximum ? value >= most : value > most) {
      Invalid(path, shown,
              StrCat(path, " in body should be less than ", node.exclusive_maximum ? "" : "or equal to ",
                     NumberText(most)));
    }
  }
  if (node.minimum) {
    const double least = limit(*node.minimum);
    if (node.exclusive_minimum ? value <= least : value < least) {
      Invalid(path, shown,
              StrCat(path, " in body should be greater than ", node.exclusive_minimum ? "" : "or equal to ",
                     NumberText(least)));
    }
  }
}

// Whether the number is in the range of its integer format.
void Validation::CheckWidth(const SchemaNode& node, const json::Tree& value, const std::string& path) {
  const double number = NumberOf(value);
  const bool narrow = node.type == "number" && node.format == "float";
  if (narrow && std::fabs(number) > static_cast<double>(std::numeric_limits<float>::max()))
    Nowhere(StrCat("Checked value must be of type number with format float in ", path));
  if (node.type != "integer") return;
  const bool bounded = node.format == "int32" || node.format == "uint32";
  bool fits = IsWhole(number);
  if (KindOf(value) == ValueKind::kInteger) {
    constexpr auto kMost = static_cast<Poco::UInt64>(std::numeric_limits<std::int64_t>::max());
    fits = value.isSigned() || value.convert<Poco::UInt64>() <= kMost;
  }
  if (!fits && IsWhole(number / 4) && !node.format.empty()) {
    Mistyped(path, "float64", node.format);
  }
  if (node.format == "int32") fits = fits && number >= -2147483648.0 && number <= 2147483647.0;
  if (node.format == "uint32") fits = fits && number >= 0 && number <= 4294967295.0;
  if (fits) return;
  const std::string kind =
      bounded || node.format == "int64" ? "integer with format " + node.format : "integer (default format)";
  Nowhere(StrCat("Checked value must be of type ", kind, " in ", path));
}

void Validation::CheckNumber(const SchemaNode& node, const json::Tree& value, const std::string& path) {
  CheckWidth(node, value, path);
  const bool whole = KindOf(value) == ValueKind::kInteger;
  CheckRange(node, NumberOf(value), value, whole, path);
}

void Validation::CheckArray(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                            const std::string& path) {
  const auto& array = *ArrayOf(value);
  const auto count = static_cast<std::int64_t>(array.size());
  if (node.items) {
    const OldItems before(node, old);
    std::size_t index = 0;
    for (const auto& item : array)
      Check(*node.items, item, before.Find(item), StrCat(path, "[", index++, "]"));
  }
  if (node.min_items && count < *node.min_items) {
    Invalid(path, Poco::Int64{count},
            StrCat(path, " in body should have at least ", *node.min_items, " items"));
  }
  if (node.max_items && count > *node.max_items) {
    errors_.push_back(
        {FieldErrorType::kTooMany, path, Poco::Int64{count},
         StrCat("must have at most ", *node.max_items, *node.max_items == 1 ? " item" : " items")});
  }
}

void Validation::CheckEnum(const SchemaNode& node, const json::Tree& value, const std::string& path) {
  const auto same = [&value](const json::Tree& allowed) { return json::Equal(allowed, value); };
  if (std::any_of(node.allowed.begin(), node.allowed.end(), same)) return;
  std::vector<std::string> names;
  for (const auto& allowed : node.allowed) {
    names.push_back(KindOf(allowed) == ValueKind::kString ? TextOf(allowed) : json::ToText(allowed));
  }
  errors_.push_back(UnsupportedField(path, value, names));
}

void Validation::CheckObject(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                             const std::string& path) {
  const auto& object = *ObjectOf(value);
  const auto count = static_cast<std::int64_t>(object.size());
  if (node.min_properties && count < *node.min_properties) {
    Invalid(path, Poco::Int64{count},
            StrCat(path, " in body should have at least ", *node.min_properties, " properties"));
  }
  if (node.max_properties && count > *node.max_properties) {
    errors_.push_back(
        {FieldErrorType::kTooMany, path, Poco::Int64{count},
         StrCat("must have at most ", *node.max_properties, *node.max_properties == 1 ? " item" : " items")});
  }
  SortedLookup before(old ? ObjectOf(*old) : nullptr);
  for (const auto& [name, item] : object) {
    const auto found = node.properties.find(name);
    const SchemaNode* child = found != node.properties.end() ? found->second.get() : node.additional.get();
    if (child) Check(*child, item, before.Find(name), FieldPath(path, name));
  }
  for (const auto& name : node.required) {
    if (!object.has(name)) errors_.push_back(RequiredField(FieldPath(path, name), ""));
  }
}

void Validation::Check(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                       const std::string& path) {
  ++looked_at_;
  if (cancellation_ && cancellation_->RequestedSampled()) return;
  if (old && json::Equal(*old, value)) return;
  const ValueKind kind = KindOf(value);
  CheckType(node, value, path);
  if (kind == ValueKind::kNull) return;
  CheckChoices(node, value, old, path);
  switch (kind) {
    case ValueKind::kString:
      if (node.type.empty() || node.type == "string") CheckString(node, TextOf(value), path);
      break;
    case ValueKind::kInteger:
    case ValueKind::kDouble:
      CheckNumber(node, value, path);
      break;
    case ValueKind::kArray:
      CheckArray(node, value, old, path);
      break;
    default:
      break;
  }
  if (node.has_enum) CheckEnum(node, value, path);
  if (kind == ValueKind::kObject) CheckObject(node, value, old, path);
}

}  // namespace

void ValidateValue(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                   const std::string& path, const Cancellation* cancellation,
                   std::vector<FieldError>& errors) {
  Validation(errors, cancellation).Check(node, value, old, path);
}

}  // namespace capstan::apiserver
