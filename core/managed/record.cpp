#include <capstan/core/managed/record.hpp>

#include <algorithm>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

std::optional<Pending> ReadPending(const json::ObjectPtr& external) {
  const auto object = json::ObjectIn(external, "pending");
  if (!object) return std::nullopt;
  Pending pending;
  pending.step = json::TextIn(object, "step");
  pending.id = json::TextIn(object, "id");
  pending.attempt = json::IntegerIn(object, "attempt").value_or(0);
  pending.identity = json::TextIn(object, "identity");
  pending.account = json::TextIn(object, "account");
  pending.holder = json::TextIn(object, "holder");
  pending.started_at = json::TextIn(object, "startedAt");
  pending.unknown_since = json::TextIn(object, "unknownSince");
  return pending;
}

}  // namespace

Record ReadRecord(const kube::Object& object) {
  Record record;
  json::ObjectPtr external;
  if (const auto text = object.ValueAt("/status/external")) {
    if (auto parsed = json::ParseObject(*text)) external = *parsed;
  }
  if (external) {
    record.id = json::TextIn(external, "id");
    record.account = json::TextIn(external, "account");
    record.recorded_at = json::TextIn(external, "recordedAt");
    record.attempts = json::IntegerIn(external, "attempts").value_or(0);
    record.doubt = json::BooleanIn(external, "doubt").value_or(false);
    record.absent_since = json::TextIn(external, "absentSince");
    record.empty_since = json::TextIn(external, "emptySince");
    record.gone = json::BooleanIn(external, "gone").value_or(false);
    record.removing = json::BooleanIn(external, "removing").value_or(false);
    record.credentials = json::TextIn(external, "credentialsSecret");
    record.adopted = json::BooleanIn(external, "adopted").value_or(false);
    record.noticed_at = json::TextIn(external, "noticedAt");
    record.surplus = json::StringsIn(external, "surplus");
    record.approval = json::TextIn(external, "approval");
    record.approved = json::StringsIn(external, "approved");
    record.pending = ReadPending(external);
    if (record.pending) record.attempts = std::max(record.attempts, record.pending->attempt);
  }
  // An annotation with the same uid distinguishes a status that was wiped from one that never
  // existed.
  if (record.never_tried() && !record.gone) {
    const auto mirror = ReadMirror(object);
    if (mirror && mirror->uid == object.uid() && !mirror->id.empty()) {
      record.id = mirror->id;
      record.account = mirror->account;
      record.adopted = mirror->adopted;
      record.attempts = 1;
      record.doubt = true;
      record.from_mirror = true;
    }
  }
  return record;
}

std::optional<Mirror> ReadMirror(const kube::Object& object) {
  const auto text = object.Annotation(kExternalAnnotation);
  if (!text || text->empty()) return std::nullopt;
  Mirror mirror;
  if (const auto parsed = json::ParseObject(*text)) {
    mirror.id = json::TextIn(*parsed, "id");
    mirror.account = json::TextIn(*parsed, "account");
    mirror.uid = json::TextIn(*parsed, "uid");
    mirror.adopted = json::BooleanIn(*parsed, "adopted").value_or(false);
  } else {
    mirror.id = std::string(*text);  // a user wrote the bare id
  }
  return mirror;
}

std::string WriteMirror(const Mirror& mirror) {
  auto object = json::MakeObject();
  object->set("id", mirror.id);
  object->set("account", mirror.account);
  object->set("uid", mirror.uid);
  if (mirror.adopted) object->set("adopted", true);
  return json::ToText(object);
}

std::optional<Duration> Since(const std::string& text, WallTime now) {
  const auto time = ParseRfc3339(text);
  if (!time) return std::nullopt;
  return now - *time;
}

}  // namespace capstan::managed
