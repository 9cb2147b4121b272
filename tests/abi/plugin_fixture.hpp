// For tests of one plugin through the core's interfaces: loads it from its file, creates its
// provider and connects.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {

class PluginFixture : public testing::Test {
 protected:
  // The test fails if the plugin is refused in any of the three steps.
  void Load(const std::string& path, const std::string& config, const std::string& kind,
            const external::Credentials& credentials = {}, const loader::AdaptOptions& options = {}) {
    auto plugin = loader::LoadPlugin(*world_.files, path, world_.seams());
    ASSERT_TRUE(plugin) << plugin.error();
    plugin_ = *plugin;
    auto provider = loader::MakeProvider(plugin_, config, world_.seams(), options);
    ASSERT_TRUE(provider) << provider.error();
    external_.reset();
    provider_ = *std::move(provider);
    auto external = provider_->Connect(kind, credentials, Context{});
    ASSERT_TRUE(external) << external.error();
    external_ = *std::move(external);
  }
  // Before the clouds of derived classes are destroyed.
  void TearDown() override {
    external_.reset();
    provider_.reset();
  }

  PluginWorld world_;
  std::shared_ptr<const loader::Plugin> plugin_;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<external::External> external_;
};

// Answers every request with one status and an empty object, or not at all.
class ScriptedCloud final : public http::Handler {
 public:
  int status = 201;
  bool cut = false;
  void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
    if (cut) return writer.Abort();
    (void)writer.Respond({status, {}, "{}"});
  }
};

// A plugin that loads and then misbehaves.
class BadPluginFixture : public PluginFixture {
 protected:
  void LoadBad(const std::string& name, const loader::AdaptOptions& options = {}) {
    std::string kind = name;
    for (char& c : kind) c = c == '_' ? '-' : c;
    world_.transport.Route("api.bad.example", &cloud_);
    Load(BadPlugin(name), "{}", kind, {{{"token", Secret("s3cr3t-token")}}}, options);
  }
  ScriptedCloud cloud_;
};

}  // namespace capstan::abi
