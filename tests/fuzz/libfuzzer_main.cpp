// Runs one target with libFuzzer: CAPSTAN_FUZZ_TARGET names its function.
#include <cstddef>
#include <cstdint>

#include <capstan/tests/fuzz/target.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  capstan::fuzz::CAPSTAN_FUZZ_TARGET(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
