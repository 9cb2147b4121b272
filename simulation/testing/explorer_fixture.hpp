// For tests that run the explorer: names of scenarios and mishaps that GoogleTest accepts.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

inline std::string TestName(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}
inline std::string NameOfScenario(const ::testing::TestParamInfo<Scenario>& info) {
  return TestName(info.param.name);
}
inline std::string NameOfMishap(const ::testing::TestParamInfo<Mishap>& info) {
  return "of_" + TestName(MishapName(info.param));
}

}  // namespace capstan::simulation
