#include <capstan/core/managed/flight_recorder.hpp>

#include <utility>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

std::int64_t Milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

bool Alike(const Effect& a, const Effect& b) {
  return a.operation == b.operation && a.target == b.target && a.outcome == b.outcome && a.detail == b.detail;
}

Json EffectToJson(const Effect& effect) {
  Json json = Json::EmptyObject();
  json.Set("time", FormatRfc3339Micro(effect.at)).Set("operation", effect.operation);
  if (!effect.target.empty()) json.Set("target", effect.target);
  json.Set("outcome", effect.outcome);
  if (!effect.detail.empty()) json.Set("detail", effect.detail);
  json.Set("tookMilliseconds", Milliseconds(effect.took));
  if (effect.count > 1) json.Set("count", static_cast<std::int64_t>(effect.count));
  return json;
}

Result<Effect> EffectFromJson(const Json& json) {
  const auto at = ParseRfc3339(json["time"].AsString());
  if (!at || json["operation"].AsString().empty())
    return Fail(Code::kInvalidArgument, "an effect has no time or no operation");
  Effect effect;
  effect.operation = json["operation"].AsString();
  effect.target = json["target"].AsString();
  effect.outcome = json["outcome"].AsString();
  effect.detail = json["detail"].AsString();
  effect.at = *at;
  effect.took = std::chrono::milliseconds(json["tookMilliseconds"].AsInteger());
  effect.count = static_cast<std::uint64_t>(json["count"].AsInteger(1));
  return effect;
}

}  // namespace

Recording& FlightRecorder::Find(const std::string& kind, const kube::ObjectKey& key) {
  Kind& of_kind = kinds_[kind];
  const auto found = of_kind.objects.find(key);
  if (found != of_kind.objects.end()) {
    of_kind.order.splice(of_kind.order.begin(), of_kind.order, found->second.place);
    return found->second.recording;
  }
  while (of_kind.objects.size() >= options_.objects_of_a_kind && !of_kind.order.empty()) {
    of_kind.objects.erase(of_kind.order.back());
    of_kind.order.pop_back();
  }
  of_kind.order.push_front(key);
  Kept& kept = of_kind.objects[key];
  kept.place = of_kind.order.begin();
  kept.recording.kind = kind;
  kept.recording.key = key;
  return kept.recording;
}

void FlightRecorder::Note(const std::string& kind, const kube::ObjectKey& key, Effect effect) {
  effect.target = Shorten(effect.target, options_.text);
  effect.detail = Shorten(effect.detail, options_.text);
  MutexLock lock(mutex_);
  Recording& recording = Find(kind, key);
  auto& effects = recording.effects;
  if (!effects.empty() && Alike(effects.back(), effect)) {
    effect.count = effects.back().count + 1;
    effects.back() = std::move(effect);
    return;
  }
  if (effects.size() >= options_.effects_of_an_object) {
    effects.erase(effects.begin());
    ++recording.dropped;
  }
  effects.push_back(std::move(effect));
}

void FlightRecorder::Ended(const std::string& kind, const kube::ObjectKey& key, std::optional<Duration> again,
                           std::string_view waits_for) {
  const WallTime now = clock_.WallNow();
  MutexLock lock(mutex_);
  Recording& recording = Find(kind, key);
  ++recording.reconciles;
  recording.until = again ? std::optional<WallTime>(now + *again) : std::nullopt;
  recording.waits_for = waits_for;
}

void FlightRecorder::Wrote(const std::string& kind, const kube::ObjectKey& key, const std::string& version) {
  MutexLock lock(mutex_);
  Find(kind, key).wrote = version;
}

std::vector<Recording> FlightRecorder::Of(const kube::ObjectKey& key) const {
  std::vector<Recording> found;
  MutexLock lock(mutex_);
  for (const auto& [name, kind] : kinds_) {
    const auto kept = kind.objects.find(key);
    if (kept != kind.objects.end()) found.push_back(kept->second.recording);
  }
  return found;
}

std::string RecordingsToJson(const std::vector<Recording>& recordings) {
  Json list = Json::EmptyArray();
  for (const Recording& recording : recordings) {
    Json one = Json::EmptyObject();
    one.Set("kind", recording.kind);
    if (!recording.key.namespace_.empty()) one.Set("namespace", recording.key.namespace_);
    one.Set("name", recording.key.name).Set("reconciles", static_cast<std::int64_t>(recording.reconciles));
    if (recording.until) one.Set("until", FormatRfc3339Micro(*recording.until));
    if (!recording.waits_for.empty()) one.Set("waitsFor", recording.waits_for);
    if (!recording.wrote.empty()) one.Set("wrote", recording.wrote);
    if (recording.write_unseen) one.Set("writeUnseen", true);
    if (recording.dropped > 0) one.Set("dropped", static_cast<std::int64_t>(recording.dropped));
    Json effects = Json::EmptyArray();
    for (const Effect& effect : recording.effects) effects.Append(EffectToJson(effect));
    one.Set("effects", std::move(effects));
    list.Append(std::move(one));
  }
  return Json::EmptyObject().Set("recordings", std::move(list)).ToText();
}

Result<std::vector<Recording>> RecordingsFromJson(std::string_view text) {
  CAPSTAN_TRY(const Json document, Json::Parse(text));
  if (!document["recordings"].is_array())
    return Fail(
        Code::kInvalidArgument,
        "this is no recording: it has no list \"recordings\", as /debug/objects/NAMESPACE/NAME gives");
  std::vector<Recording> recordings;
  for (const Json& item : document["recordings"].items()) {
    Recording recording;
    recording.kind = item["kind"].AsString();
    recording.key = {item["namespace"].AsString(), item["name"].AsString()};
    if (recording.kind.empty() || recording.key.name.empty())
      return Fail(Code::kInvalidArgument, "a recording has no kind or no name");
    recording.reconciles = static_cast<std::uint64_t>(item["reconciles"].AsInteger());
    recording.dropped = static_cast<std::uint64_t>(item["dropped"].AsInteger());
    recording.until = ParseRfc3339(item["until"].AsString());
    recording.waits_for = item["waitsFor"].AsString();
    recording.wrote = item["wrote"].AsString();
    recording.write_unseen = item["writeUnseen"].AsBool();
    for (const Json& effect : item["effects"].items()) {
      CAPSTAN_TRY(Effect read, EffectFromJson(effect));
      recording.effects.push_back(std::move(read));
    }
    recordings.push_back(std::move(recording));
  }
  return recordings;
}

}  // namespace capstan::managed
