// The core's own fields of a spec, and their valid values. Schemas say the same if a server
// enforces them: a server without CEL, an old CRD or one written by hand may let anything through.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/policy.hpp>

namespace capstan::managed {
namespace {

using Texts = std::vector<std::string>;

std::string ShownValue(const json::Tree& value) { return Shorten(json::ToText(value), 60); }

bool Contains(const Texts& all, const std::string& text) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

std::string OneOf(const std::string& field, const json::Tree& value, const Texts& words) {
  if (value.isString() && Contains(words, value.convert<std::string>())) return "";
  return StrCat("spec.", field, " is ", ShownValue(value), "; it may be ", Join(words, " or "));
}

std::string Truth(const std::string& field, const json::Tree& value) {
  return value.isBoolean() ? ""
                           : StrCat("spec.", field, " is ", ShownValue(value), "; it may be true or false");
}

std::string Adoption(const json::Tree& value, const external::KindInfo& info) {
  const Texts names = {info.id_status_field.empty() ? "id" : info.id_status_field, "name"};
  const auto object = json::AsObject(value);
  bool known = static_cast<bool>(object);
  int given = 0;
  if (object) {
    for (const auto& [name, member] : *object) {
      if (json::IsNull(member)) continue;
      known = known && Contains(names, name) && member.isString() && !member.convert<std::string>().empty();
      ++given;
    }
  }
  return known && given == 1 ? ""
                             : StrCat("spec.adopt is ", ShownValue(value), "; it may have ",
                                      Join(names, " or "), ", as text");
}

std::string WholeNumber(const std::string& field, const json::Tree& value, std::int64_t least,
                        std::int64_t most) {
  const bool fits = value.isInteger() && !value.isBoolean() && value.convert<std::int64_t>() >= least &&
                    value.convert<std::int64_t>() <= most;
  return fits ? ""
              : StrCat("spec.", field, " is ", ShownValue(value), "; it may be a whole number from ", least,
                       " to ", most);
}

bool IsTexts(const json::Tree& value) {
  const auto list = json::AsArray(value);
  return list && std::all_of(list->begin(), list->end(), [](const auto& item) { return item.isString(); });
}

std::string AssociatedResources(const json::Tree& value, const external::KindInfo& info) {
  const auto& kinds = info.associated_kinds;
  const std::string what = kinds.empty() ? std::string("kinds") : StrCat("the kinds ", Join(kinds, ", "));
  const std::string may =
      StrCat("it may be Keep, Delete, or an object of ", what, ", each true, false or a list of ids");
  const auto object = json::AsObject(value);
  if (!object) {
    const bool word = value.isString() && Contains({"Keep", "Delete"}, value.convert<std::string>());
    return word ? "" : StrCat("spec.associatedResources is ", ShownValue(value), "; ", may);
  }
  for (const auto& [kind, choice] : *object) {
    const bool known = kinds.empty() || Contains(kinds, kind);
    if (known && (json::IsNull(choice) || choice.isBoolean() || IsTexts(choice))) continue;
    return StrCat("spec.associatedResources has ", Shorten(kind, 60), ": ", ShownValue(choice), "; ", may);
  }
  return "";
}

}  // namespace

std::string InvalidCoreField(const kube::Object& object, const external::KindInfo& info) {
  const std::string text = object.ValueAt("/spec").value_or("{}");
  const auto spec = json::ParseObject(text == "null" ? "{}" : text);
  if (!spec) return StrCat("spec is ", Shorten(text, 60), "; it may be an object");
  // An empty string is not the same as an absent field: it comes from a template that was not
  // filled in.
  const auto check = [&](const std::string& field, const auto& rule) {
    const json::Tree value = (*spec)->get(field);
    return json::IsNull(value) ? std::string() : rule(value);
  };
  std::string what = check("managementPolicy", [](const json::Tree& value) {
    return OneOf("managementPolicy", value, {"Full", "Observe", "ReadOnly"});
  });
  if (what.empty()) {
    what = check("deletionPolicy", [](const json::Tree& value) {
      return OneOf("deletionPolicy", value, {"Delete", "Retain"});
    });
  }
  for (const char* field : {"deletionProtection", "recreateIfLost", "allowDestructive"}) {
    if (what.empty()) what = check(field, [&](const json::Tree& value) { return Truth(field, value); });
  }
  if (what.empty()) {
    what = check("createTimeoutSeconds", [](const json::Tree& value) {
      return WholeNumber("createTimeoutSeconds", value, kLeastCreateTimeout, kMostCreateTimeout);
    });
  }
  if (what.empty()) what = check("adopt", [&](const json::Tree& value) { return Adoption(value, info); });
  if (what.empty()) {
    what = check("associatedResources",
                 [&](const json::Tree& value) { return AssociatedResources(value, info); });
  }
  return what;
}

}  // namespace capstan::managed
