#include <capstan/apps/capstan/verify/plugin_machine.hpp>

#include <capstan/apps/capstan/plan/kinds.hpp>
#include <capstan/core/program/cluster_connection.hpp>

namespace capstan::app {

Status PluginMachine::Connect() {
  CAPSTAN_TRY(clouds_, program::ConnectToClouds(*process_));
  loopback_.emplace(*clouds_);
  return {};
}

std::string CrdOf(external::Provider& provider, const external::KindInfo& kind) {
  for (const ServedKind& served : KindsOf(provider)) {
    if (served.info.kind == kind.kind && served.info.group == kind.group) return served.crd;
  }
  return "";
}

}  // namespace capstan::app
