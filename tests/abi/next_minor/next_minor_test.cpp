// A host of the next minor version, in which every extensible struct has grown, with plugins of the
// current version and of 1.0: the frozen one (frozen_plugin_test.cpp is compiled into this program
// too) and the made-up cloud in plain C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include <capstan/plugins/loader/lending/known.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/conformance_subject.hpp>

namespace capstan::abi {
namespace {

static_assert(CAPSTAN_ABI_MINOR > 1 && sizeof(capstan_observed_t) > CAPSTAN_OBSERVED_SIZE_1_0 &&
                  sizeof(capstan_plugin_t) > CAPSTAN_PLUGIN_SIZE_1_0,
              "this is no host of a later minor version");

TEST(NewerHost, APluginOfTheCurrentVersionPassesTheWholeContract) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  EXPECT_EQ((*plugin)->operations().abi, CAPSTAN_ABI - 1) << "it was built against the present one";
  EXPECT_EQ((*plugin)->operations().added_next, nullptr) << "what it does not have is empty";
  const auto findings = conformance::Verify(MadeUpSubject(world, *plugin), Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
}

TEST(NewerHost, WhatAnOlderPluginDoesNotSayIsZero) {
  capstan_observed_t observed;
  std::memset(&observed, 0x5a, sizeof observed);
  observed.struct_size = CAPSTAN_OBSERVED_SIZE_1_0;
  const auto known = loader::CopyKnown(&observed);
  EXPECT_FALSE(CAPSTAN_HAS(&observed, added_next));
  EXPECT_TRUE(CAPSTAN_HAS(&observed, state));
  EXPECT_EQ(known.added_next[0], 0);
  EXPECT_EQ(known.added_next[3], 0);
  EXPECT_EQ(known.state.size, observed.state.size);
}

}  // namespace
}  // namespace capstan::abi
