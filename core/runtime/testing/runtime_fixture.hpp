// RuntimeFixture is for the tests of this folder: a SimulatedApi behind a loopback transport, a
// client, and the dependencies of a process.
#pragma once

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/testing/simulated_api.hpp>

namespace capstan::runtime {

class RuntimeFixture : public testing::Test {
 protected:
  RuntimeFixture() { transport_.Route("api", &api_); }
  Controller::Dependencies dependencies() { return {client_, scheduler_, *random_, log_, *metrics_}; }
  static std::string Widget(const std::string& name, int size = 1, const std::string& more = "") {
    return StrCat(R"({"metadata":{"name":")", name, R"(","generation":)", size, more, R"(},"spec":{"size":)",
                  size, "}}");
  }
  static std::string Gadget(const std::string& namespace_, const std::string& name,
                            const std::string& more = "") {
    return StrCat(R"({"metadata":{"name":")", name, R"(","namespace":")", namespace_, "\"", more,
                  R"(},"spec":{}})");
  }
  std::string WidgetField(const std::string& name, std::string_view pointer) const {
    const std::string json = api_.Get(WidgetKind(), "", name);
    return json.empty() ? "" : json::ValueAt(json, pointer)->value_or("");
  }
  // Runs `work` as a task until it ends.
  void Do(const std::function<void(const Context&)>& work) {
    Task task = scheduler_.Spawn("test", work);
    ASSERT_TRUE(scheduler_.RunUntil([&] { return task.finished(); }));
  }

  SimulatedScheduler scheduler_{SeededSchedule(5)};
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  std::unique_ptr<Metrics> metrics_ = MakePrometheusMetrics();
  RecordingLog log_;
  SimulatedApi api_{scheduler_};
  http::LoopbackTransport transport_{scheduler_};
  kube::Client client_{transport_, scheduler_, {"http://api", "test", std::chrono::seconds(30)}};
};

}  // namespace capstan::runtime
