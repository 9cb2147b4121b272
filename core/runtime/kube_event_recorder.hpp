// KubeEventRecorder writes core/v1 Events, which every server and kubectl since 1.20 understands.
//
// The same (object, type, reason, message) is one Event with a count, written at most once a
// minute; repeats in between are included in the count of the next write. Events about
// cluster-scoped objects go to namespace "default", where kubectl looks for them. A namespace that
// is being deleted accepts no new Events: a Warning about an object in it is then recorded on the
// Namespace, in "default", and names the object. Any other refusal is only logged. Thread-safe.
// Client, scheduler, random and log must outlive it. Record takes at most 10 s.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/event_recorder.hpp>

namespace capstan::runtime {

struct EventRecorderOptions {
  std::string component = "capstan";  // shown as FROM by kubectl describe
  std::string instance;               // which process reports; empty: left out
  Duration write_interval = std::chrono::minutes(1);
  // Events that did not repeat for this long are forgotten. The server itself keeps them for an
  // hour.
  Duration remember = std::chrono::minutes(50);
  std::size_t remember_at_most = 4096;
};

class KubeEventRecorder final : public EventRecorder {
 public:
  KubeEventRecorder(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                    EventRecorderOptions options = {});
  void Record(const kube::Kind& kind, const kube::Object& about, EventType type, const std::string& reason,
              const std::string& message, const Context& context) override;

 private:
  // Identifies an Event: half of the digest of uid, key, type, reason and message. The texts
  // themselves took most of the memory.
  using Id = std::array<std::uint64_t, 2>;
  static Id IdOf(const kube::Object& about, EventType type, const std::string& reason,
                 const std::string& message);
  struct Known {
    kube::ObjectKey event;
    int count = 0;
    bool created = false;
    WallTime first{};
    Instant last{};
    Instant written{};
    std::list<const Id*>::iterator place;
  };
  // The write that is needed now.
  struct Plan {
    bool create = false;
    Known known;
  };
  std::optional<Plan> PlanWrite(const Id& id, const kube::Object& about) CAPSTAN_EXCLUDES(mutex_);
  void ForgetOld(Instant now) CAPSTAN_REQUIRES(mutex_);
  void ForgetLast() CAPSTAN_REQUIRES(mutex_);
  void NoteCreated(const Id& id, const kube::ObjectKey& event) CAPSTAN_EXCLUDES(mutex_);
  // Content of an Event.
  struct Content {
    EventType type;
    std::string reason, message;
  };
  std::string NewEvent(const kube::Kind& kind, const json::Metadata& about, const Content& content,
                       const Known& known) const;
  Status Create(const Id& id, const kube::Kind& kind, const kube::Object& about, const Content& content,
                Known known, const Context& context) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  const EventRecorderOptions options_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<Id, Known> known_ CAPSTAN_GUARDED_BY(mutex_);
  std::list<const Id*> order_ CAPSTAN_GUARDED_BY(mutex_);  // keys in known_; the last recorded first
};

}  // namespace capstan::runtime
