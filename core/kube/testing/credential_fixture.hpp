// A fixture for tests of client authentication: a scripted API server at https://kube.test behind a
// loopback, files in memory, a scripted credential plugin and one simulated clock.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/cluster_access.hpp>
#include <capstan/core/kube/testing/scripted_server.hpp>

namespace capstan::kube {

class CredentialFixture : public testing::Test {
 protected:
  CredentialFixture() {
    loopback_.Route("kube.test", &server_);
    access_.origin = "context dev";
    access_.server = "https://kube.test";
  }

  SimulatedScheduler scheduler_;
  ScriptedServer server_;
  http::LoopbackTransport loopback_{scheduler_};
  std::unique_ptr<Files> files_ = MakeMemoryFiles();
  ScriptedProcess process_;
  RecordingLog log_;
  ClusterAccess access_;
};

}  // namespace capstan::kube
