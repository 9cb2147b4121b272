// The DigitalOcean plugin: wraps the provider in the plugin ABI and adds nothing else.
#include <capstan/providers/digitalocean/provider.hpp>
#include <capstan/sdk/cpp/plugin.hpp>

namespace {

struct DigitalOcean {
  static capstan::sdk::Manifest Describe() { return capstan::digitalocean::MakeManifest(); }
  static capstan::Result<std::unique_ptr<capstan::sdk::Provider>> Configure(
      const capstan::sdk::Setup& setup) {
    return capstan::digitalocean::MakeProvider(setup.config, setup.transport, setup.clock, setup.random,
                                               setup.log);
  }
};

}  // namespace

CAPSTAN_PLUGIN_WITH(DigitalOcean, "digitalocean", "0.1.0", "anutosh491.dev/DigitalOceanCluster",
                    "versions,sizes,regions");
