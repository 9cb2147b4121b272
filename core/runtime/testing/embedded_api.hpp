// Test fixture: an embedded API server, one simulated clock, a client, and the dependencies of a
// process.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::runtime {

class OnEmbeddedApi : public testing::Test {
 protected:
  OnEmbeddedApi() {
    static const auto schemas = apiserver::MakeBuiltinSchemas();
    apiserver::ApiServerOptions options;
    options.schemas = schemas;
    auto server = apiserver::ApiServer::Start(scheduler, *random, log, *storage, options);
    if (!server) ADD_FAILURE() << server.error();
    api = std::move(*server);
    wire.Route("api", api.get());
  }
  // Runs `work` as a task until it ends.
  void Do(const std::function<void(const Context&)>& work) {
    Task task = scheduler.Spawn("test", work);
    ASSERT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  }

  SimulatedScheduler scheduler{SeededSchedule(3)};
  std::unique_ptr<Random> random = MakeSeededRandom(4);
  std::unique_ptr<Metrics> metrics = MakePrometheusMetrics();
  RecordingLog log;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;
  http::LoopbackTransport wire{scheduler};
  kube::Client client{wire, scheduler, {"http://api", "test", std::chrono::seconds(30)}};
};

}  // namespace capstan::runtime
