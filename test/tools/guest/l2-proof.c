/*
 * Proof that this machine can host virtual machines: runs one through /dev/kvm. Its guest is a few real-mode
 * instructions that write a line to an I/O port and halt. Prints that line and exits with 0; otherwise says on
 * standard error which step failed and why.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUEST_ADDRESS = 0x1000, GUEST_SIZE = 0x1000, LINE_PORT = 0xe9 };

extern const unsigned char guest_start[], guest_end[];

/* Position independent but for the base in SI, which equals GUEST_ADDRESS as segment 0 is used throughout. */
__asm__(".pushsection .rodata\n"
        ".code16\n"
        "guest_start:\n"
        "  mov $(0x1000 + line - guest_start), %si\n"
        "  mov $0xe9, %dx\n"
        "next:\n"
        "  lodsb\n"
        "  test %al, %al\n"
        "  jz done\n"
        "  out %al, %dx\n"
        "  jmp next\n"
        "done:\n"
        "  hlt\n"
        "line: .asciz \"hello from an L2 guest\\n\"\n"
        "guest_end:\n"
        ".code64\n"
        ".popsection\n");

static void fail(const char *step) {
  fprintf(stderr, "l2-proof: %s: %s\n", step, strerror(errno));
  exit(1);
}

static int check(int result, const char *step) {
  if (result < 0) fail(step);
  return result;
}

static void *map(int fd, size_t size, int flags, const char *step) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (memory == MAP_FAILED) fail(step);
  return memory;
}

static void load_guest(int vm) {
  void *memory = map(-1, GUEST_SIZE, MAP_SHARED | MAP_ANONYMOUS, "memory of the guest");
  memcpy(memory, guest_start, (size_t)(guest_end - guest_start));
  struct kvm_userspace_memory_region region = {
      .guest_phys_addr = GUEST_ADDRESS,
      .memory_size = GUEST_SIZE,
      .userspace_addr = (unsigned long)memory,
  };
  check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

static void start_in_real_mode(int vcpu) {
  struct kvm_sregs segments;
  check(ioctl(vcpu, KVM_GET_SREGS, &segments), "KVM_GET_SREGS");
  segments.cs.base = segments.cs.selector = 0;
  segments.ds.base = segments.ds.selector = 0;
  check(ioctl(vcpu, KVM_SET_SREGS, &segments), "KVM_SET_SREGS");
  struct kvm_regs registers = {.rip = GUEST_ADDRESS, .rflags = 2};
  check(ioctl(vcpu, KVM_SET_REGS, &registers), "KVM_SET_REGS");
}

static void run_until_halt(int vcpu, struct kvm_run *run) {
  for (;;) {
    check(ioctl(vcpu, KVM_RUN, NULL), "KVM_RUN");
    if (run->exit_reason == KVM_EXIT_HLT) return;
    if (run->exit_reason != KVM_EXIT_IO || run->io.port != LINE_PORT) {
      fprintf(stderr, "l2-proof: KVM_RUN ended for the unexpected reason %u\n", run->exit_reason);
      exit(1);
    }
    putchar(((const unsigned char *)run)[run->io.data_offset]);
  }
}

int main(void) {
  int kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
  int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
  load_guest(vm);
  int vcpu = check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
  int run_size = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
  start_in_real_mode(vcpu);
  run_until_halt(vcpu, map(vcpu, (size_t)run_size, MAP_SHARED, "state of the vcpu"));
  return 0;
}
