/** The families of operating systems that a device token may be limited to. */
export const platforms = ['windows', 'macos', 'linux', 'ios', 'android', 'chromeos'] as const;

export type Platform = (typeof platforms)[number];

/** What agents send as `osName`: the NAME of os-release(5), or what uname(1) calls the system. The first that fits. */
const families: readonly (readonly [Platform, RegExp])[] = [
  ['windows', /^(microsoft )?windows/],
  ['chromeos', /^chrom(e|ium) ?os/],
  ['android', /^android/],
  ['ios', /^(ios|ipados|iphone os)/],
  ['macos', /^(mac ?os|os x|darwin)/],
  [
    'linux',
    /linux|^(debian|ubuntu|fedora|red hat|rhel|centos|rocky|almalinux|opensuse|sles|suse|nixos|gentoo|manjaro|pop!_os|raspbian|elementary|zorin)/,
  ],
];

/** The family of an `osName`; undefined for a system nobody here knows. */
export const platformOf = (osName: string): Platform | undefined =>
  families.find(([, pattern]) => pattern.test(osName.trim().toLowerCase()))?.[0];
