#include <algorithm>

#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/testing/worlds/world.hpp>

namespace capstan::testing {
namespace {

class RealWorld final : public World {
 public:
  explicit RealWorld(const std::string& kubeconfig) {
    net::InitializeNetwork();
    random = MakeSystemRandom();
    const auto access = kube::LoadClusterAccess(*files_, *process_, kubeconfig);
    if (!access) EndOfTest(access.error().message);
    auto connected = program::ConnectToCluster(*access, *files_, *process_, scheduler_, log);
    if (!connected) EndOfTest(connected.error().message);
    transport_ = std::move(*connected);
    server = access->server;
    MakeClient();
  }
  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return *transport_; }
  http::LoopbackTransport& outside() override { return outside_; }
  void Compact() override {}  // the wire simulates it
  bool real() const override { return true; }
  bool Pass(const std::function<bool()>& done, Duration limit) override {
    const Instant until = After(scheduler_.Now(), limit);
    while (!done()) {
      if (scheduler_.Now() >= until) return false;
      (void)scheduler_.Sleep(std::min<Duration>(std::chrono::milliseconds(50), until - scheduler_.Now()),
                             Context{});
    }
    return true;
  }
  void Do(const std::function<void(const Context&)>& work) override { work(Context{}); }

 private:
  ThreadScheduler scheduler_;
  const std::unique_ptr<Files> files_ = MakeSystemFiles();
  const std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::unique_ptr<http::Transport> transport_;
  http::LoopbackTransport outside_{scheduler_};
};

}  // namespace

std::unique_ptr<World> MakeRealWorld(const std::string& kubeconfig) {
  return std::make_unique<RealWorld>(kubeconfig);
}

}  // namespace capstan::testing
