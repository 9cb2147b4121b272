#include <capstan/plugins/loader/load.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

namespace capstan::loader {
namespace {

// Every slot is filled; none is called.
capstan_plugin_t FullTable() {
  capstan_plugin_t table;
  std::memset(&table, 0x5a, sizeof(table));
  table.struct_size = sizeof(table);
  table.abi = CAPSTAN_ABI;
  return table;
}
capstan_plugin_t Without(std::size_t slot) {
  capstan_plugin_t table = FullTable();
  std::memset(reinterpret_cast<char*>(&table) + slot, 0, sizeof(void*));
  return table;
}
bool IsEmpty(const capstan_plugin_t& table, std::size_t slot) {
  static constexpr char kNothing[sizeof(void*)] = {};
  return std::memcmp(reinterpret_cast<const char*>(&table) + slot, kNothing, sizeof(void*)) == 0;
}

TEST(CompleteTable, RefusesATableWithoutAnyOneOfTheRequiredOperations) {
  const std::pair<const char*, std::size_t> required[] = {
      {"describe", offsetof(capstan_plugin_t, describe)},
      {"create_instance", offsetof(capstan_plugin_t, create_instance)},
      {"destroy_instance", offsetof(capstan_plugin_t, destroy_instance)},
      {"connect", offsetof(capstan_plugin_t, connect)},
      {"disconnect", offsetof(capstan_plugin_t, disconnect)},
      {"find", offsetof(capstan_plugin_t, find)},
      {"get", offsetof(capstan_plugin_t, get)},
      {"create", offsetof(capstan_plugin_t, create)},
      {"remove", offsetof(capstan_plugin_t, remove)},
  };
  for (const auto& [name, slot] : required) {
    const capstan_plugin_t table = Without(slot);
    const auto full = CompleteTable(&table, "x.so");
    ASSERT_FALSE(full) << name;
    EXPECT_EQ(full.error().code, Code::kInvalidArgument) << name;
    EXPECT_NE(full.error().message.find(std::string("the required operation ") + name + ";"),
              std::string::npos)
        << full.error();
  }
}

TEST(CompleteTable, FillsWhatAPluginNeedNotOffer) {
  for (const std::size_t slot : {offsetof(capstan_plugin_t, who_am_i), offsetof(capstan_plugin_t, list),
                                 offsetof(capstan_plugin_t, plan), offsetof(capstan_plugin_t, apply),
                                 offsetof(capstan_plugin_t, adopt), offsetof(capstan_plugin_t, associated),
                                 offsetof(capstan_plugin_t, connection), offsetof(capstan_plugin_t, notices),
                                 offsetof(capstan_plugin_t, extension), offsetof(capstan_plugin_t, offers)}) {
    const capstan_plugin_t table = Without(slot);
    const auto full = CompleteTable(&table, "x.so");
    ASSERT_TRUE(full) << full.error();
    EXPECT_FALSE(IsEmpty(*full, slot)) << slot;
  }
}

}  // namespace
}  // namespace capstan::loader
