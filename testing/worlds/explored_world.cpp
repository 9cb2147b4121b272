#include <capstan/testing/worlds/explored_world.hpp>

#include <algorithm>
#include <atomic>

#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/interference.hpp>
#include <capstan/simulation/engine/machine.hpp>

namespace capstan::testing {
namespace {

using simulation::Mishap;
using simulation::MishapFamily;

constexpr Duration kSettleTime = std::chrono::seconds(5);

// The part of an instance that failures affect.
class FaultyLife final : public simulation::Life {
 public:
  FaultyLife(const simulation::LifeDoor& door, int number, Log& log)
      : simulation::Life(door, number), machine(door.scheduler), log(log, machine) {
    port_.on_death = [this] { machine.Die(); };
  }
  void Stop() override {}
  void Freeze(Instant until) override {
    machine.Freeze(until);
    (void)machine.Sleep(Duration::zero(), Context{});  // so that this task is stopped too
  }
  void SkewClock(Duration by) override { machine.Skew(by); }
  void StallLog(Instant until) override { log.Stall(until); }

  simulation::Machine machine;
  simulation::MachineLog log;
};

class ExploredLife final : public Life {
 public:
  ExploredLife(ExploredWorld& world, const Operator& description, int number)
      : description_(description),
        wire_(world.transport(), world.scheduler(), world.trouble, number, killed_, kSettleTime),
        faulty_({wire_, world.scheduler(), world.effects, "kubernetes.test"}, number, world.log),
        random_(MakeSeededRandom(static_cast<std::uint64_t>(number) * 1000003 + 17)),
        running_(description, {faulty_.machine, *random_, faulty_.log, faulty_.port(), faulty_.port(),
                               world.server, StrCat("test_", number), "default"}) {}
  const Operator& description() const override { return description_; }
  RunningOperator& running() override { return running_; }
  bool dead() const override { return killed_ || faulty_.dead(); }
  void Kill() override { killed_ = true; }

 private:
  const Operator& description_;
  std::atomic<bool> killed_{false};
  Wire wire_;
  FaultyLife faulty_;
  const std::unique_ptr<Random> random_;
  RunningOperator running_;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsTime(std::string_view text) {
  return text.size() >= 20 && IsDigit(text[0]) && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
         text[13] == ':' && text[16] == ':' && text.back() == 'Z';
}

// Without times, and with symbolic values for uids and server-generated names.
Json Cleaned(const Json& value, const std::map<std::string, std::string>& names) {
  if (value.is_string()) {
    std::string text = value.AsString();
    if (IsTime(text)) return "a time";
    for (const auto& [uid, name] : names) {
      for (auto at = text.find(uid); at != std::string::npos; at = text.find(uid, at + name.size()))
        text.replace(at, uid.size(), name);
    }
    return text;
  }
  if (value.is_array()) {
    Json list = Json::EmptyArray();
    for (const Json& item : value.items()) list.Append(Cleaned(item, names));
    return list;
  }
  if (!value.is_object()) return value;
  std::map<std::string, Json> sorted;  // the order of fields is insignificant
  for (const auto& [name, field] : value.fields()) {
    if (name != "observedGeneration") sorted.emplace(name, Cleaned(field, names));
  }
  Json object = Json::EmptyObject();
  for (auto& [name, field] : sorted) object.Set(name, std::move(field));
  return object;
}

// Without the field at a JSON pointer.
Json Without(const Json& value, std::string_view pointer) {
  if (!value.is_object() || pointer.empty() || pointer.front() != '/') return value;
  const auto end = pointer.find('/', 1);
  const std::string_view name = pointer.substr(1, end == std::string_view::npos ? end : end - 1);
  Json object = Json::EmptyObject();
  for (const auto& [field, inner] : value.fields()) {
    if (field != name) object.Set(field, inner);
    if (field == name && end != std::string_view::npos)
      object.Set(field, Without(inner, pointer.substr(end)));
  }
  return object;
}

Json Metadata(const Json& metadata) {
  Json kept = Json::EmptyObject();
  for (const auto& [name, value] : metadata.fields()) {
    if (name == "uid" || name == "resourceVersion" || name == "generation" || name == "managedFields" ||
        name == "creationTimestamp")
      continue;
    if (name != "annotations") {
      kept.Set(name, value);
      continue;
    }
    Json annotations = Json::EmptyObject();
    for (const auto& [key, text] : value.fields()) {
      if (!key.ends_with("/applied")) annotations.Set(key, text);  // a digest that depends on uids
    }
    kept.Set(name, annotations);
  }
  return kept;
}

bool ForPeople(const std::string& key) {
  for (const char* of : {"/events/", "/leases/", "/customresourcedefinitions/", "/apiservices/"}) {
    if (key.find(of) != std::string::npos) return false;
  }
  return true;
}

// The first position at which two values differ.
std::string Difference(const Json& is, const Json& wanted, const std::string& path) {
  if (is.is_object() && wanted.is_object()) {
    for (const auto& [name, value] : wanted.fields()) {
      if (!(is[name] == value))
        return Difference(is[name], value, StrCat(path, path.empty() ? "" : ".", name));
    }
    for (const auto& [name, value] : is.fields()) {
      if (wanted[name].is_null() && !value.is_null())
        return Difference(value, Json(), StrCat(path, path.empty() ? "" : ".", name));
    }
  }
  const auto text = [](const Json& value) {
    return value.is_null() ? std::string("nothing") : Shorten(value.ToText(), 120);
  };
  return StrCat(path, " is ", text(is), " instead of ", text(wanted));
}

}  // namespace

ExploredWorld::ExploredWorld(std::uint64_t seed, const std::shared_ptr<std::size_t>& pick)
    : EmbeddedWorld(1, simulation::Steered(seed == 1 ? FirstInFirstOut() : SeededSchedule(seed), pick)),
      pick_(pick),
      direct_(api()) {
  kube::ClientOptions settings;
  settings.server = server;
  settings.field_manager = "test";
  direct_client_ = std::make_unique<kube::Client>(direct_, scheduler(), settings);
  effects.strike = [this](Mishap mishap, simulation::Life& life, const simulation::Effect& effect) {
    Strike(mishap, life, effect);
  };
}

std::unique_ptr<Life> ExploredWorld::Begin(const Operator& description, int number) {
  return std::make_unique<ExploredLife>(*this, description, number);
}

void ExploredWorld::Do(const std::function<void(const Context&)>& work) {
  if (still_) return work(Context{});
  EmbeddedWorld::Do(work);
}

void ExploredWorld::Look(const std::function<void()>& look) {
  const bool before = std::exchange(still_, true);
  look();
  still_ = before;
}

void ExploredWorld::Strike(Mishap mishap, simulation::Life& life, const simulation::Effect& effect) {
  const auto hour = std::chrono::hours(1);
  switch (simulation::InfoOf(mishap).family) {
    case MishapFamily::kPause:
      ++wanted_replicas_;
      life.Freeze(After(scheduler().Now(), effects.pause));
      return;
    case MishapFamily::kRefusal:
      effects.refusals.push_back(simulation::RefusalFor(mishap, effect, scheduler().Now()));
      return;
    case MishapFamily::kOrder:
      *pick_ = simulation::PickFor(mishap);
      return;
    case MishapFamily::kStale:
      if (simulation::Disorder(life.port().faults(), mishap, scheduler().Now())) {
        Compact();
        trouble.BreakStreams(true);
      }
      return;
    default:
      break;
  }
  if (mishap == Mishap::kSecondReplica) ++wanted_replicas_;
  if (mishap == Mishap::kClockForward) life.SkewClock(hour);
  if (mishap == Mishap::kClockBack) life.SkewClock(-hour);
  if (mishap == Mishap::kLogStalls) life.StallLog(After(scheduler().Now(), std::chrono::seconds(40)));
  if (mishap == Mishap::kUserEdit && user_action) Look(user_action);
  if (mishap == Mishap::kLeaseLost && !lease.empty()) {
    const std::string patch =
        StrCat(R"({"spec":{"holderIdentity":"intruder","leaseDurationSeconds":15,"renewTime":")",
               FormatRfc3339Micro(scheduler().WallNow()), "\"}}");
    Look([&] {
      (void)client().Patch(kube::LeaseKind(), {"default", lease}, kube::PatchType::kMerge, patch, {}, {});
    });
  }
}

std::map<std::string, Json> ExploredWorld::Snapshot(const std::vector<std::string>& ignored) {
  const auto rows = storage().Load();
  std::map<std::string, std::string> names;
  std::vector<std::pair<std::string, Json>> objects;
  for (const auto& row : rows ? rows->rows : std::vector<apiserver::StoredRow>()) {
    auto object = ForPeople(row.key) ? Json::Parse(*row.text) : Result<Json>(Json());
    if (!object || object->is_null()) continue;
    // "configmaps default/home", without the group.
    const auto parts = Split(row.key, '/');
    const std::size_t count = parts.size();
    const bool namespaced = !(*object)["metadata"]["namespace"].is_null();
    std::string name = (*object)["metadata"]["name"].AsString();
    if (const std::string start = (*object)["metadata"]["generateName"].AsString(); !start.empty()) {
      names.emplace(name, start + "*");
      name = start + "*";
      object->Set("metadata", Without((*object)["metadata"], "/name"));
    }
    const std::string plural =
        count < 4 ? "" : parts[count - (namespaced || parts[count - 2].empty() ? 3 : 2)];
    name = StrCat(plural, " ", namespaced ? (*object)["metadata"]["namespace"].AsString() + "/" : "", name);
    if (const std::string uid = (*object)["metadata"]["uid"].AsString(); !uid.empty())
      names.emplace(uid, "the uid of " + name);
    objects.emplace_back(std::move(name), std::move(*object));
  }
  std::map<std::string, Json> snapshot;
  for (auto& [name, object] : objects) {
    object.Set("metadata", Metadata(object["metadata"]));
    for (const std::string& pointer : ignored) object = Without(object, pointer);
    std::string key = name;
    for (int copy = 2; snapshot.count(key) != 0; ++copy) key = StrCat(name, " (", copy, ")");
    snapshot.emplace(std::move(key), Cleaned(object, names));
  }
  return snapshot;
}

std::uint64_t ExploredWorld::Digest() {
  std::uint64_t state = simulation::kNoText;
  const auto rows = storage().Load();
  for (const auto& row : rows ? rows->rows : std::vector<apiserver::StoredRow>()) {
    if (ForPeople(row.key)) state = simulation::MixText(simulation::MixText(state, row.key), *row.text);
  }
  return state;
}

std::string DifferencesOf(const std::map<std::string, Json>& is, const std::map<std::string, Json>& wanted) {
  std::vector<std::string> lines;
  for (const auto& [name, object] : wanted) {
    const auto there = is.find(name);
    if (there == is.end()) {
      lines.push_back(name + " is missing");
    } else if (!(there->second == object)) {
      lines.push_back(StrCat(name, ": ", Difference(there->second, object, "")));
    }
  }
  for (const auto& [name, object] : is) {
    if (wanted.count(name) == 0) lines.push_back(name + " is there, and is not when nothing goes wrong");
  }
  if (lines.size() > 3) {
    lines.resize(3);
    lines.push_back("and more");
  }
  return Join(lines, "; ");
}

}  // namespace capstan::testing
