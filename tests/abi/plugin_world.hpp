// PluginWorld: the environment for a test of a loaded plugin. Everything is simulated except the
// loading itself.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/load.hpp>
#include <capstan/tests/abi/simulated_madeup_cloud.hpp>

namespace capstan::abi {

inline std::string MadeUpPlugin() { return CAPSTAN_TEST_PLUGINS "/libcapstan_madeup.so"; }
inline std::string BadPlugin(const std::string& name) { return CAPSTAN_BAD_PLUGINS "/" + name + ".so"; }

struct PluginWorld {
  explicit PluginWorld(MadeUpCloudOptions options = {}) : cloud(scheduler, std::move(options)) {
    transport.Route("cloud.test", &cloud);
  }
  loader::Seams seams() { return {scheduler, transport, *random, log}; }

  SimulatedScheduler scheduler;
  http::LoopbackTransport transport{scheduler};
  std::unique_ptr<Random> random = MakeSeededRandom(7);
  RecordingLog log;
  std::unique_ptr<Files> files = MakeSystemFiles();
  SimulatedMadeUpCloud cloud;
};

}  // namespace capstan::abi
