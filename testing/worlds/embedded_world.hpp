// The embedded API server in simulated time. Private to the folder.
#pragma once

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/testing/worlds/world.hpp>

namespace capstan::testing {

class EmbeddedWorld : public World {
 public:
  EmbeddedWorld(std::uint64_t seed, SchedulePolicy policy);
  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return transport_; }
  http::LoopbackTransport& outside() override { return transport_; }
  void Compact() override { api_->Compact(); }
  bool real() const override { return false; }
  bool Pass(const std::function<bool()>& done, Duration limit) override {
    return scheduler_.RunUntil(done, limit);
  }
  void Do(const std::function<void(const Context&)>& work) override;

 protected:
  apiserver::ApiServer& api() { return *api_; }
  apiserver::Storage& storage() { return *storage_; }

 private:
  SimulatedScheduler scheduler_;
  SilentLog quiet_;
  std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api_;
  http::LoopbackTransport transport_{scheduler_};
};

}  // namespace capstan::testing
