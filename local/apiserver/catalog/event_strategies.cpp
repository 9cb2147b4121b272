// Events: one kind that two groups show, each with names of its own.
#include <string>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

constexpr std::pair<const char*, const char*> kEventNames[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};
constexpr std::size_t kMostOfWord = 128, kMostOfMessage = 1024;

// Times are shown even where there is none.
void Rename(ObjectPtr object, const char* from, const char* to) {
  if (!object->has(from)) return;
  const json::Tree value = object->get(from);
  object->remove(from);
  const bool time = std::string_view(from).find("imestamp") != std::string_view::npos;
  if (time || !json::IsNull(value)) object->set(to, value);
}

void EventToGrouped(ObjectPtr event, std::string_view) {
  for (const auto& [core, grouped] : kEventNames) Rename(event, core, grouped);
}

void EventFromGrouped(ObjectPtr event, std::string_view) {
  for (const auto& [core, grouped] : kEventNames) Rename(event, grouped, core);
}

void PrepareEvent(ObjectPtr fresh, ObjectPtr, const WriteMoment&) {
  for (const char* text : {"reportingComponent", "reportingInstance"}) {
    if (!fresh->has(text) || fresh->isNull(text)) fresh->set(text, std::string());
  }
  for (const char* time : {"firstTimestamp", "lastTimestamp", "eventTime"}) {
    if (!fresh->has(time)) fresh->set(time, json::Tree());
  }
  for (const char* part : {"source", "involvedObject"}) {
    if (!fresh->has(part)) fresh->set(part, json::MakeObject());
  }
}

void CheckWord(const ObjectPtr& event, const char* field, const char* shown, Errors& errors) {
  const std::string word = TextIn(event, field);
  if (word.empty()) errors.push_back(RequiredField(shown, ""));
  if (word.size() > kMostOfWord) {
    errors.push_back(
        InvalidField(shown, std::string(), StrCat("can have at most ", kMostOfWord, " characters")));
  }
}

// With the time at which it was first seen an event says who reports it, and what was done.
void CheckReporter(const ObjectPtr& event, Errors& errors) {
  const std::string controller = TextIn(event, "reportingComponent");
  if (controller.empty()) errors.push_back(RequiredField("reportingController", ""));
  if (const std::string why = CheckQualifiedName(controller); !why.empty())
    errors.push_back(InvalidField("reportingController", controller, why));
  for (const char* field : {"reportingInstance", "action", "reason"}) CheckWord(event, field, field, errors);
  if (TextIn(event, "message").size() > kMostOfMessage) {
    errors.push_back(
        InvalidField("message", std::string(), StrCat("can have at most ", kMostOfMessage, " characters")));
  }
}

Errors ValidateEvent(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const std::string about = TextIn(json::ObjectIn(fresh, "involvedObject"), "namespace"),
                    own = MetaString(fresh, "namespace");
  const bool timed = !TextIn(fresh, "eventTime").empty();
  const bool common = own == "default" || own.empty() || (timed && own == "kube-system");
  if (about.empty() ? !common : !timed && own != about)
    errors.push_back(InvalidField("involvedObject.namespace", about, "does not match event.namespace"));
  if (timed) CheckReporter(fresh, errors);
  return errors;
}

Errors ValidateGrouped(ObjectPtr fresh, ObjectPtr old, std::string_view subresource) {
  Errors errors = ValidateEvent(fresh, old, subresource);
  if (old) return errors;
  if (TextIn(fresh, "eventTime").empty()) errors.push_back(RequiredField("eventTime", ""));
  const std::string type = TextIn(fresh, "type");
  if (type != "Normal" && type != "Warning")
    errors.push_back(InvalidField("type", std::string(), StrCat("has invalid value: ", type)));
  const auto unset = [&](bool set, const char* field) {
    if (set) errors.push_back(InvalidField(field, std::string(), "needs to be unset"));
  };
  unset(!TextIn(fresh, "firstTimestamp").empty(), "firstTimestamp");
  unset(!TextIn(fresh, "lastTimestamp").empty(), "lastTimestamp");
  unset(json::IntegerIn(fresh, "count").value_or(0) != 0, "count");
  const ObjectPtr source = json::ObjectIn(fresh, "source");
  unset(!TextIn(source, "component").empty() || !TextIn(source, "host").empty(), "source");
  return errors;
}

}  // namespace

Strategy EventStrategy(std::string_view group) {
  if (group.empty()) return {PrepareEvent, ValidateEvent};
  return {PrepareEvent, ValidateGrouped, EventToGrouped, EventFromGrouped};
}

}  // namespace capstan::apiserver
