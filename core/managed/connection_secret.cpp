#include <capstan/core/managed/connection_secret.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::managed {
namespace {

bool IsSecretKey(const std::string& key) {
  return !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

// Fills name and keys from the object in the field; returns a sentence if that is impossible.
std::string Read(const json::ObjectPtr& wanted, ConnectionSecretRequest& requested) {
  for (const auto& [member, value] : *wanted) {
    if (json::IsNull(value)) continue;
    const auto keys = json::AsObject(value);
    if (member == "name" && value.isString()) {
      requested.name = value.convert<std::string>();
    } else if (member == "keys" && keys) {
      for (const auto& [ours, theirs] : *keys) {
        const std::string key = theirs.isString() ? theirs.convert<std::string>() : "";
        if (!IsSecretKey(key))
          return StrCat(".keys.", Shorten(ours, 60), " is not the name of a key of a Secret");
        requested.keys[ours] = key;
      }
    } else {
      return StrCat(" has ", Shorten(member, 60),
                    "; it may have name, as text, and keys, as an object of texts");
    }
  }
  std::set<std::string> used;
  for (const auto& [ours, theirs] : requested.keys) {
    if (!used.insert(theirs).second) return StrCat(".keys has ", theirs, " twice");
  }
  return "";
}

}  // namespace

ConnectionSecretRequest ReadConnectionSecretRequest(const kube::Object& object,
                                                    const external::KindInfo& info) {
  ConnectionSecretRequest requested;
  if (info.connection_suffix.empty() || info.connection_status_field.empty()) return requested;
  const std::string& field = info.connection_secret_field;
  const std::string derived = object.metadata().name + info.connection_suffix;
  requested.name = derived;
  if (!field.empty()) {
    std::string pointer = "/" + field;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    const auto text = object.ValueAt(pointer);
    if (text && *text != "null") {
      const auto wanted = json::ParseObject(*text);
      requested.wrong = wanted ? Read(*wanted, requested) : std::string(" is no object");
      if (!requested.wrong.empty()) requested.wrong = field + requested.wrong;
    }
  }
  if (!requested.wrong.empty() || IsDnsSubdomain(requested.name)) return requested;
  const std::string how = field.empty() ? std::string("give the object a shorter name")
                                        : StrCat("set ", field, ".name to a name for it");
  requested.wrong =
      StrCat("\"", Shorten(requested.name, 100), "\" (", requested.name.size(),
             " characters) cannot be the name of the connection Secret: it may have 253 small letters, "
             "digits, - and .; ",
             how);
  return requested;
}

}  // namespace capstan::managed
