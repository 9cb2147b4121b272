#include <capstan/core/managed/flight_recorder.hpp>

#include <list>
#include <map>
#include <utility>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/memory/packed_effects.hpp>

namespace capstan::managed {
namespace {

std::int64_t Milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
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

struct FlightRecorder::State {
  // A Recording without its kind and key, which the maps have.
  struct Kept {
    PackedEffects effects;
    std::uint64_t dropped = 0, reconciles = 0;
    std::optional<WallTime> until;
    std::string waits_for, wrote;
    std::list<const kube::ObjectKey*>::iterator place;
  };
  struct Kind {
    std::map<kube::ObjectKey, Kept> objects;
    std::list<const kube::ObjectKey*> order;  // keys in objects; most recently reconciled first
  };

  State(const Clock& the_clock, FlightRecorderOptions the_options) : clock(the_clock), options(the_options) {}

  Kept& Find(const std::string& kind, const kube::ObjectKey& key) CAPSTAN_REQUIRES(mutex) {
    Kind& of_kind = kinds[kind];
    const auto found = of_kind.objects.find(key);
    if (found != of_kind.objects.end()) {
      of_kind.order.splice(of_kind.order.begin(), of_kind.order, found->second.place);
      return found->second;
    }
    while (of_kind.objects.size() >= options.objects_of_a_kind && !of_kind.order.empty()) {
      of_kind.objects.erase(of_kind.objects.find(*of_kind.order.back()));
      of_kind.order.pop_back();
    }
    const auto added = of_kind.objects.try_emplace(key).first;
    of_kind.order.push_front(&added->first);
    added->second.place = of_kind.order.begin();
    return added->second;
  }

  // Constant after construction.
  const Clock& clock;
  const FlightRecorderOptions options;

  // Guarded by mutex.
  Mutex mutex;
  std::map<std::string, Kind> kinds CAPSTAN_GUARDED_BY(mutex);
};

FlightRecorder::FlightRecorder(const Clock& clock, FlightRecorderOptions options)
    : state_(std::make_unique<State>(clock, options)) {}

FlightRecorder::~FlightRecorder() = default;

const Clock& FlightRecorder::clock() const { return state_->clock; }

void FlightRecorder::Note(const std::string& kind, const kube::ObjectKey& key, Effect effect) {
  effect.target = Shorten(effect.target, state_->options.text);
  effect.detail = Shorten(effect.detail, state_->options.text);
  MutexLock lock(state_->mutex);
  State::Kept& kept = state_->Find(kind, key);
  if (kept.effects.CountOnLast(effect)) return;
  if (kept.effects.size() > 0 && kept.effects.size() >= state_->options.effects_of_an_object) {
    kept.effects.DropFirst();
    ++kept.dropped;
  }
  kept.effects.Append(effect);
}

void FlightRecorder::Ended(const std::string& kind, const kube::ObjectKey& key, std::optional<Duration> again,
                           std::string_view waits_for) {
  const WallTime now = state_->clock.WallNow();
  MutexLock lock(state_->mutex);
  State::Kept& kept = state_->Find(kind, key);
  ++kept.reconciles;
  kept.until = again ? std::optional<WallTime>(now + *again) : std::nullopt;
  kept.waits_for = waits_for;
}

void FlightRecorder::Wrote(const std::string& kind, const kube::ObjectKey& key, const std::string& version) {
  MutexLock lock(state_->mutex);
  state_->Find(kind, key).wrote = version;
}

std::vector<Recording> FlightRecorder::Of(const kube::ObjectKey& key) const {
  std::vector<Recording> found;
  MutexLock lock(state_->mutex);
  for (const auto& [name, kind] : state_->kinds) {
    const auto object = kind.objects.find(key);
    if (object == kind.objects.end()) continue;
    const State::Kept& kept = object->second;
    Recording recording;
    recording.kind = name;
    recording.key = key;
    recording.effects = kept.effects.Unpack();
    recording.dropped = kept.dropped;
    recording.until = kept.until;
    recording.waits_for = kept.waits_for;
    recording.reconciles = kept.reconciles;
    recording.wrote = kept.wrote;
    found.push_back(std::move(recording));
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
