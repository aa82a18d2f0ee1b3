/** The fields of an Azure Stack cloud file that our programs and common SDKs read. */
export interface AzureEnvironment {
  readonly name: 'AzureStackCloud';
  readonly activeDirectoryEndpoint: string;
  readonly resourceManagerEndpoint: string;
  readonly serviceManagementEndpoint: string;
  readonly tokenAudience: string;
  readonly managementPortalURL: string;
}

/** Audience of tokens for the simulated ARM; the trailing slash is part of it. */
export const armAudience = (armUrl: string): string => `${armUrl}/`;

export function azureEnvironment(entraUrl: string, armUrl: string): AzureEnvironment {
  return {
    name: 'AzureStackCloud',
    activeDirectoryEndpoint: `${entraUrl}/`,
    resourceManagerEndpoint: `${armUrl}/`,
    serviceManagementEndpoint: armAudience(armUrl),
    tokenAudience: armAudience(armUrl),
    managementPortalURL: `${armUrl}/portal`,
  };
}
