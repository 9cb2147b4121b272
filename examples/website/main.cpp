#include "website.hpp"

int main(int argc, char** argv) {
  capstan::Operator website({.name = "website", .version = "0.1.0"});
  example::Configure(website);
  return website.Run(argc, argv);
}
