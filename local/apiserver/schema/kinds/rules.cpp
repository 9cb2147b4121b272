#include <capstan/local/apiserver/schema/kinds/rules.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using Kind = BuiltinField::Kind;
using Repeat = BuiltinField::Repeat;

bool IsPlain(Kind kind) {
  return kind == Kind::kString || kind == Kind::kInt32 || kind == Kind::kInt64 || kind == Kind::kBool ||
         kind == Kind::kNumber;
}

bool IsZero(const json::Tree& value) {
  switch (KindOf(value)) {
    case ValueKind::kString:
      return TextOf(value).empty();
    case ValueKind::kBoolean:
      return !BooleanOf(value);
    case ValueKind::kInteger:
    case ValueKind::kDouble:
      return NumberOf(value) == 0;
    default:
      return false;
  }
}

json::Tree ZeroOf(Kind kind) {
  if (kind == Kind::kString) return std::string();
  if (kind == Kind::kBool) return false;
  return Poco::Int64{0};
}

bool IsEmpty(const json::Tree& value) {
  if (const auto* object = ObjectOf(value)) return object->size() == 0;
  const auto* array = ArrayOf(value);
  return array && array->size() == 0;
}

// Brings quantities into canonical form, including those in maps and lists.
json::Tree Canonical(const json::Tree& value) {
  switch (KindOf(value)) {
    case ValueKind::kString:
      return CanonicalQuantity(TextOf(value));
    case ValueKind::kInteger:
    case ValueKind::kDouble:
      return CanonicalQuantity(json::ToText(value));
    case ValueKind::kObject: {
      json::ObjectPtr map = json::AsObject(value);
      for (const std::string& name : map->getNames()) map->set(name, Canonical(map->get(name)));
      return value;
    }
    case ValueKind::kArray: {
      json::ArrayPtr list = json::AsArray(value);
      for (unsigned i = 0; i < list->size(); ++i) list->set(i, Canonical(list->get(i)));
      return value;
    }
    default:
      return value;
  }
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

template <class Use>
void EachLine(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string PathBelow(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : StrCat(path, ".", name);
}

}  // namespace

KindRules::KindRules(const BuiltinTypes& types) : types_(types) {
  ReadDefaults();
  ReadChecks();
  for (const KindFill& one : KindFills()) Of(one.type).fill = one.fill;
  for (const auto& judges :
       {PodJudges(), ContainerJudges(), VolumeJudges(), SchedulingJudges(), WorkloadJudges(), ServiceJudges(),
        LimitJudges(), NetworkJudges(), WebhookJudges()}) {
    for (const KindJudge& one : judges) Of(one.type).judge = one.judge;
  }
}

KindRules::OfType& KindRules::Of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return rules_[&types_.Find(name.substr(0, dot), name.substr(dot + 1))];
}

void KindRules::ReadDefaults() {
  EachLine(KindDefaults(), [this](std::string_view line) {
    const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
    auto value = json::ParseTree(line.substr(second + 1));
    Of(line.substr(0, first))
        .defaults.push_back(
            {std::string(line.substr(first + 1, second - first - 1)), value ? *value : json::Tree()});
  });
}

void KindRules::ReadChecks() {
  EachLine(KindChecks(), [this](std::string_view line) {
    std::vector<std::string_view> words = WordsOf(line);
    CheckOfField check{std::string(words[1]), {words.begin() + 2, words.end()}};
    Of(words[0]).checks.push_back(std::move(check));
  });
  for (const BuiltinType& type : types_.all()) {
    for (const BuiltinField& field : type.fields) {
      for (const std::string_view option : field.options) {
        if (option.substr(0, 5) == "enum=")
          rules_[&type].checks.push_back({std::string(field.name), {option}});
      }
    }
  }
}

void KindRules::Shape(const BuiltinType& type, json::ObjectPtr object) const {
  if (type.open) return;
  if (const auto found = rules_.find(&type); found != rules_.end()) {
    if (found->second.fill) found->second.fill(object);
    for (const Default& one : found->second.defaults) {
      if (!object->has(one.field) || object->isNull(one.field))
        object->set(one.field, json::Clone(one.value));
    }
  }
  ShapeFields(type, object);
}

void KindRules::FillZeroValues(const BuiltinType& type, json::ObjectPtr object) const {
  if (type.open) return;
  for (const BuiltinField& field : type.fields) {
    if (field.name.empty()) {
      FillZeroValues(*field.type, object);
      continue;
    }
    const std::string name(field.name);
    const bool one = field.repeat == Repeat::kOne;
    if (one && field.kind == Kind::kMessage && !field.pointer) {
      json::ObjectPtr inner = json::MakeObject();
      FillZeroValues(*field.type, inner);
      object->set(name, inner);
    } else if (field.required || field.always_written) {
      object->set(name, one && IsPlain(field.kind) && !field.pointer ? ZeroOf(field.kind) : json::Tree());
    }
  }
}

void KindRules::ShapeFields(const BuiltinType& type, json::ObjectPtr object) const {
  for (const BuiltinField& field : type.fields) {
    if (field.name.empty()) {
      Shape(*field.type, object);
    } else {
      ShapeField(field, object);
    }
  }
}

void KindRules::ShapeField(const BuiltinField& field, json::ObjectPtr object) const {
  const std::string name(field.name);
  const bool kept = field.required || field.always_written;
  if (!object->has(name) || object->isNull(name)) {
    const bool structure = field.kind == Kind::kMessage && field.repeat == Repeat::kOne && !field.pointer;
    if (structure) {
      json::ObjectPtr empty = json::MakeObject();
      Shape(*field.type, empty);
      object->set(name, empty);
    } else if (kept && field.repeat == Repeat::kOne && IsPlain(field.kind) && !field.pointer) {
      object->set(name, ZeroOf(field.kind));
    } else if (object->has(name) &&
               !(kept && (field.kind == Kind::kTime || field.kind == Kind::kMicroTime))) {
      object->remove(name);
    }
    return;
  }
  const json::Tree value = field.kind == Kind::kQuantity ? Canonical(object->get(name)) : object->get(name);
  if (field.kind == Kind::kQuantity) object->set(name, value);
  if (field.repeat == Repeat::kOne) {
    if (field.kind == Kind::kMessage) {
      if (const json::ObjectPtr inner = json::AsObject(value)) Shape(*field.type, inner);
    } else if (!kept && !field.pointer && IsPlain(field.kind) && IsZero(value)) {
      object->remove(name);
    }
    return;
  }
  if (!kept && IsEmpty(value)) {
    object->remove(name);
    return;
  }
  if (field.kind != Kind::kMessage) return;
  if (const json::ArrayPtr list = json::AsArray(value)) {
    for (const json::Tree& item : *list) {
      if (const json::ObjectPtr inner = json::AsObject(item)) Shape(*field.type, inner);
    }
  } else if (const json::ObjectPtr map = json::AsObject(value)) {
    for (const auto& [key, item] : *map) {
      if (const json::ObjectPtr inner = json::AsObject(item)) Shape(*field.type, inner);
    }
  }
}

namespace {

void CheckPort(const std::string& path, const json::Tree& value, std::vector<FieldError>& errors) {
  const ValueKind kind = KindOf(value);
  if (kind != ValueKind::kInteger) return;
  const std::int64_t number = IntegerOf(value);
  if (number < 1 || number > 65535)
    errors.push_back(InvalidField(path, value, "must be between 1 and 65535, inclusive"));
}

void CheckPathOfFile(std::string_view word, const std::string& path, const json::Tree& value,
                     std::vector<FieldError>& errors) {
  if (KindOf(value) != ValueKind::kString || TextOf(value).empty()) return;
  const std::string& text = TextOf(value);
  const auto parts = Split(text, '/');
  const bool upward = std::find(parts.begin(), parts.end(), "..") != parts.end();
  if (word == "relative" && text.front() == '/')
    errors.push_back(InvalidField(path, value, "must be a relative path"));
  if (word == "absolute" && text.front() != '/')
    errors.push_back(InvalidField(path, value, "must be an absolute path"));
  if (word != "absolute" && upward) errors.push_back(InvalidField(path, value, "must not contain '..'"));
}

void CheckValue(std::string_view word, const std::string& path, const json::Tree& value,
                std::vector<FieldError>& errors) {
  const ValueKind kind = KindOf(value);
  if (word.substr(0, 5) == "enum=") {
    const std::vector<std::string> allowed = Split(word.substr(5), ',');
    if (kind == ValueKind::kString && !TextOf(value).empty() &&
        std::find(allowed.begin(), allowed.end(), TextOf(value)) == allowed.end()) {
      errors.push_back(UnsupportedField(path, value, allowed));
    }
  } else if (word == "min0" && kind == ValueKind::kInteger && IntegerOf(value) < 0) {
    errors.push_back(InvalidField(path, value, "must be greater than or equal to 0"));
  } else if (word == "min1" && kind == ValueKind::kInteger && IntegerOf(value) < 1) {
    errors.push_back(InvalidField(path, value, "must be greater than or equal to 1"));
  } else if (word == "above0" && kind == ValueKind::kInteger && IntegerOf(value) < 1) {
    errors.push_back(InvalidField(path, value, "must be greater than 0"));
  } else if (word == "port") {
    CheckPort(path, value, errors);
  } else if (word == "user" && kind == ValueKind::kInteger &&
             (IntegerOf(value) < 0 || IntegerOf(value) > 2147483647)) {
    errors.push_back(InvalidField(path, value, "must be between 0 and 2147483647, inclusive"));
  } else if (word == "mode" && kind == ValueKind::kInteger &&
             (IntegerOf(value) < 0 || IntegerOf(value) > 0777)) {
    errors.push_back(
        InvalidField(path, value, "must be a number between 0 and 0777 (octal), both inclusive"));
  } else if (word == "ip" && kind == ValueKind::kString && !TextOf(value).empty() &&
             !HasFormat("ipv4", TextOf(value)) && !HasFormat("ipv6", TextOf(value))) {
    errors.push_back(
        InvalidField(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
  } else if (word == "cidr" && kind == ValueKind::kString && !TextOf(value).empty() &&
             !HasFormat("cidr", TextOf(value))) {
    errors.push_back(
        InvalidField(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
  } else if (word == "relative" || word == "absolute" || word == "nodots") {
    CheckPathOfFile(word, path, value, errors);
  } else if (word == "needport") {
    if (kind == ValueKind::kNull || (kind == ValueKind::kInteger && IntegerOf(value) == 0)) {
      errors.push_back(RequiredField(path, ""));
    } else {
      CheckPort(path, value, errors);
    }
  } else if (word == "qualified" && kind == ValueKind::kString && !TextOf(value).empty()) {
    if (std::string why = CheckQualifiedName(ToLower(TextOf(value))); !why.empty())
      errors.push_back(InvalidField(path, value, why));
  } else if (word == "label" && kind == ValueKind::kString && !TextOf(value).empty()) {
    if (std::string why = CheckLabelName(TextOf(value)); !why.empty())
      errors.push_back(InvalidField(path, value, why));
  } else if (word == "name" && kind == ValueKind::kString && !TextOf(value).empty()) {
    if (std::string why = CheckSubdomainName(TextOf(value)); !why.empty())
      errors.push_back(InvalidField(path, value, why));
  }
}

constexpr int kDepthLimit = 64;

}  // namespace

std::vector<FieldError> KindRules::Check(const BuiltinType& type, const json::ObjectPtr& object) const {
  std::vector<FieldError> errors;
  CheckObject(type, object, "", 0, errors);
  return errors;
}

void KindRules::CheckObject(const BuiltinType& type, const json::ObjectPtr& object, const std::string& path,
                            int depth, std::vector<FieldError>& errors) const {
  if (type.open || depth > kDepthLimit) return;
  if (const auto found = rules_.find(&type); found != rules_.end()) {
    if (found->second.judge) found->second.judge(object, path, errors);
    for (const CheckOfField& check : found->second.checks) {
      const std::string at = PathBelow(path, check.field);
      const json::Tree value = object->has(check.field) ? object->get(check.field) : json::Tree();
      const bool missing = KindOf(value) == ValueKind::kNull || IsEmpty(value) ||
                           (KindOf(value) == ValueKind::kString && TextOf(value).empty());
      for (const std::string_view word : check.words) {
        if (word == "need") {
          if (missing) errors.push_back(RequiredField(at, ""));
        } else if (const auto* list = ArrayOf(value)) {
          for (unsigned i = 0; i < list->size(); ++i)
            CheckValue(word, check.field == "accessModes" ? at : StrCat(at, "[", i, "]"), list->get(i),
                       errors);
        } else if (KindOf(value) != ValueKind::kObject) {
          CheckValue(word, at, value, errors);
        }
      }
    }
  }
  CheckFields(type, object, path, depth, errors);
}

void KindRules::CheckFields(const BuiltinType& type, const json::ObjectPtr& object, const std::string& path,
                            int depth, std::vector<FieldError>& errors) const {
  for (const BuiltinField& field : type.fields) {
    if (field.kind != Kind::kMessage || (depth == 0 && (field.name == "status" || field.name == "metadata")))
      continue;
    if (field.name.empty()) {
      CheckObject(*field.type, object, path, depth, errors);
      continue;
    }
    const std::string name(field.name);
    if (!object->has(name)) continue;
    const json::Tree value = object->get(name);
    const std::string at = PathBelow(path, name);
    if (const json::ArrayPtr list = json::AsArray(value)) {
      for (unsigned i = 0; i < list->size(); ++i) {
        if (const json::ObjectPtr inner = json::AsObject(list->get(i)))
          CheckObject(*field.type, inner, StrCat(at, "[", i, "]"), depth + 1, errors);
      }
    } else if (const json::ObjectPtr inner = json::AsObject(value); inner && field.repeat == Repeat::kOne) {
      CheckObject(*field.type, inner, at, depth + 1, errors);
    }
  }
}

}  // namespace capstan::apiserver
