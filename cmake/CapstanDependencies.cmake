# Libraries from Debian 12. Targets have the names that their packages export (see docs/decisions).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Net NetSSL JSON Util Crypto XML Data DataSQLite)
if(CAPSTAN_BUILD_PROGRAM)
  find_package(Boost 1.74 REQUIRED)
  find_package(gflags REQUIRED)
  find_package(glog REQUIRED)
endif()
find_package(simdjson REQUIRED)
find_path(CAPSTAN_YAML_INCLUDE yaml.h REQUIRED)  # libyaml, which has no CMake package: core/json links it as -lyaml
find_library(CAPSTAN_YAML_LIBRARY yaml REQUIRED)
find_path(CAPSTAN_RE2_INCLUDE re2/re2.h REQUIRED)  # nor has RE2: local/apiserver links it as -lre2
find_library(CAPSTAN_RE2_LIBRARY re2 REQUIRED)
find_package(date CONFIG REQUIRED)  # time zones: local/apiserver links it as -ldate-tz
find_package(zstd CONFIG REQUIRED)
find_package(prometheus-cpp REQUIRED)
if(CAPSTAN_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
