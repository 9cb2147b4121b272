// Test fixture: an embedded API server, one simulated clock, and processes that share shards. Each
// process has its own connection to the server, which can freeze.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/testing/embedded_api.hpp>
#include <capstan/core/shards/coordinator.hpp>

namespace capstan::shards {

// While frozen nothing is sent. Requests that waited are sent at the thaw, whatever their deadline
// was: a process can be suspended anywhere, even between deciding to send and sending.
class FreezingTransport final : public http::Transport {
 public:
  FreezingTransport(http::Transport& next, Scheduler& scheduler) : next_(next), scheduler_(scheduler) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return next_.Send(request, Awake(context));
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return next_.Open(request, Awake(context));
  }
  void Freeze(bool frozen) {
    MutexLock lock(mutex_);
    frozen_ = frozen;
    scheduler_.Notify(thawed_);
  }

 private:
  Context Awake(const Context& context) {
    MutexLock lock(mutex_);
    if (!frozen_) return context;
    while (frozen_ && !context.stopped()) scheduler_.Wait(thawed_, lock, kForever, Context{context.stop});
    return Context{context.stop};
  }
  http::Transport& next_;
  Scheduler& scheduler_;
  Mutex mutex_;
  Event thawed_;
  bool frozen_ CAPSTAN_GUARDED_BY(mutex_) = false;
};

// Records its calls, and takes a configurable time to stop.
class RecordingWork final : public ShardWork {
 public:
  explicit RecordingWork(Scheduler& scheduler) : scheduler_(scheduler) {}
  void Start(int shard) override {
    EXPECT_TRUE(running.insert(shard).second) << "shard " << shard << " was started twice";
    ++starts;
  }
  void Pause(int shard) override { paused.insert(shard); }
  bool Stop(int shard, Duration) override {
    if (to_stop > Duration::zero()) (void)scheduler_.Sleep(to_stop, Context{});
    running.erase(shard);
    return true;
  }
  std::set<int> running, paused;
  int starts = 0;
  Duration to_stop{};

 private:
  Scheduler& scheduler_;
};

class ShardsTest : public runtime::OnEmbeddedApi {
 protected:
  struct Process {
    Process(ShardsTest& test, std::string name_of, int shards = 12, std::string scope = "")
        : name(std::move(name_of)),
          count(shards),
          transport(test.wire, test.scheduler),
          client(transport, test.scheduler, {"http://api", "test", std::chrono::seconds(30)}),
          work(test.scheduler) {
      CoordinatorOptions options;
      options.namespace_ = "default";
      options.holder = name;
      options.shards = shards;
      options.scope = std::move(scope);
      options.on_part = [this](double now) { part = now; };
      coordinator = std::make_unique<Coordinator>(client, test.scheduler, *test.random, test.log,
                                                  *test.metrics, std::move(options), work);
      coordinator->Start();
    }
    const std::string name;
    const int count;  // number of shards
    FreezingTransport transport;
    kube::Client client;
    RecordingWork work;
    double part = -1;
    std::unique_ptr<Coordinator> coordinator;
  };

  // The processes that may change objects of the shard now. There must never be more than one.
  std::vector<std::string> OwnersOf(int shard, const std::vector<Process*>& processes) const {
    std::vector<std::string> owners;
    for (const Process* process : processes) {
      if (shard < process->count && process->coordinator &&
          process->coordinator->OfShard(shard).HeldUntil(scheduler.Now()))
        owners.push_back(process->name);
    }
    return owners;
  }
  std::map<std::string, int> Shares(const std::vector<Process*>& processes) const {
    std::map<std::string, int> shares;
    for (int shard = 0; shard < 12; ++shard) {
      for (const std::string& owner : OwnersOf(shard, processes)) ++shares[owner];
    }
    return shares;
  }
  // Advances the clock and checks that no shard ever has two owners.
  void RunAndWatch(Duration limit, const std::vector<Process*>& processes,
                   const std::function<bool()>& until = nullptr) {
    for (Duration passed{}; passed < limit; passed += std::chrono::milliseconds(200)) {
      if (until && until()) return;
      scheduler.RunFor(std::chrono::milliseconds(200));
      for (int shard = 0; shard < 12; ++shard) {
        const auto owners = OwnersOf(shard, processes);
        ASSERT_LE(owners.size(), 1U) << "shard " << shard << " has owners " << Join(owners, ", ");
      }
    }
    if (until) {
      EXPECT_TRUE(until()) << "still not the case after " << FormatDuration(limit);
    }
  }
  std::set<std::string> LeaseNames() {
    std::set<std::string> names;
    Do([&](const Context& context) {
      const auto leases = client.ListAll(kube::LeaseKind(), "default", {}, context);
      ASSERT_TRUE(leases) << leases.error();
      for (const auto& lease : *leases) names.insert(lease.key().name);
    });
    return names;
  }
};

}  // namespace capstan::shards
